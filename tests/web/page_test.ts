/** The page in a real browser, on a queue whose workers run. */
import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { findBrowser, type PageOptions, withPage } from "../support/browser.ts";
import { ok, start } from "../support/cli.ts";
import { withDirectory } from "../support/temporary.ts";

const browser = findBrowser();

/** A dashboard as people start it, and a way to end it and start it again. */
class Dashboard {
  #child: Deno.ChildProcess | undefined;
  link = "";

  constructor(readonly directory: string, readonly flags: readonly string[]) {}

  async start(port = "0"): Promise<void> {
    const child = start(this.directory, [
      "web",
      "--port",
      port,
      "--token",
      "sesame",
      ...this.flags,
    ]);
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.link = (await reader.read()).value!.trim();
    reader.releaseLock();
    this.#child = child;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill("SIGTERM");
    await child.status;
    await Promise.all([child.stdout.cancel().catch(() => {}), child.stderr.cancel()]);
    this.#child = undefined;
  }
}

interface Given {
  readonly page: Page;
  readonly directory: string;
  readonly dashboard: Dashboard;
}

/** A test in the browser; where there is none it says so and is skipped. */
function browserTest(
  name: string,
  work: (given: Given) => Promise<void>,
  options: PageOptions & {
    readonly flags?: readonly string[];
    readonly fill?: (directory: string) => Promise<void>;
  } = {},
): void {
  Deno.test({
    name: browser ? name : `${name} (skipped: there is no Chromium here, CHROMIUM_BIN names one)`,
    ignore: !browser,
    // The browser's driver keeps timers and pipes of its own until the process ends.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await withDirectory(async (directory) => {
        await options.fill?.(directory);
        const dashboard = new Dashboard(directory, options.flags ?? []);
        await dashboard.start();
        try {
          await withPage(
            browser!,
            dashboard.link,
            (page) => work({ page, directory, dashboard }),
            options,
          );
        } finally {
          await dashboard.stop();
          await ok(directory, "worker", "stop", "--force", "--wait");
        }
      });
    },
  });
}

browserTest(
  "a job is enqueued, run by workers that the page starts, and its log followed live",
  async ({ page }) => {
    await page.getByRole("link", { name: "Workers" }).click();
    await page.getByLabel("How many workers").fill("2");
    await page.getByRole("button", { name: "Start workers" }).click();
    await page.getByText("2 started").waitFor();
    await page.getByRole("cell", { name: "alive" }).first().waitFor();
    await page.getByRole("button", { name: "New job" }).click();
    await page.getByLabel("Command").fill('echo "first <b>line</b>"; sleep 2; echo "last line"');
    await page.getByLabel("Id (made if empty)").fill("slow");
    await page.getByLabel("Priority").fill("5");
    await page.getByLabel("Tags").fill("red, blue");
    await page.getByLabel("Environment").fill("A=1\nB=two words");
    await page.getByRole("button", { name: "Enqueue", exact: true }).click();
    await page.getByText("slow is in the queue").waitFor();
    await page.getByRole("link", { name: "Jobs" }).click();
    await page.getByRole("link", { name: "slow" }).click();
    const log = page.getByLabel("Output");
    await log.getByText("first <b>line</b>").waitFor();
    assert.doesNotMatch(await log.textContent() ?? "", /last line/, "it is followed while it runs");
    await log.getByText("last line").waitFor();
    await page.getByText("completed").first().waitFor();
    await page.getByText("A=1 B=two words").waitFor();
    await page.getByRole("heading", { name: "Log", exact: true }).waitFor();
  },
);

browserTest(
  "a dead job is looked at, retried and deleted, and asks before that",
  async ({ page }) => {
    await page.getByRole("button", { name: /dead/ }).waitFor();
    await page.getByRole("link", { name: "Dead letters" }).click();
    await page.getByText("exit code 7: went wrong").first().waitFor();
    await page.getByRole("button", { name: "Delete bad1" }).click();
    await page.getByRole("button", { name: "No" }).click();
    await page.getByRole("link", { name: "bad1" }).waitFor();
    await page.getByRole("button", { name: "Delete bad1" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("link", { name: "bad1" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Retry bad2" }).click();
    await page.getByRole("link", { name: "bad2" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Retry all" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry all" }).click();
    await page.getByText("No job is dead.").waitFor();
  },
  {
    fill: async (directory) => {
      for (const id of ["bad1", "bad2", "bad3"]) {
        await ok(directory, "enqueue", "--id", id, "-r", "0", "-c", "echo went wrong; exit 7");
      }
      await ok(directory, "worker", "start", "--drain");
    },
  },
);

browserTest(
  "what keeps the page from being up to date is said until it is over",
  async ({ page, directory }) => {
    await page.getByText("There is no job yet.").waitFor();
    const journal = `${directory}/journal.jsonl`;
    await Deno.rename(journal, `${journal}.good`);
    await Deno.writeTextFile(journal, "{garbage");
    await page.getByRole("alert").getByText("no header of a journal").waitFor();
    assert.notEqual(await page.locator("#live").textContent(), "live");
    await Deno.rename(`${journal}.good`, journal);
    await page.locator("#live").getByText("live").waitFor();
    await page.getByRole("alert").waitFor({ state: "hidden" });
  },
  { fill: async (directory) => void await ok(directory, "pause") },
);

browserTest(
  "whoever works with the keyboard goes on where something was done",
  async ({ page }) => {
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    await page.getByRole("button", { name: /pending/ }).press("Enter");
    await page.getByRole("button", { name: /pending/, pressed: true }).waitFor();
    assert.match(await focused(), /pending/);
    await page.getByRole("link", { name: "Dead letters" }).click();
    await page.getByRole("button", { name: "Retry bad2" }).press("Enter");
    await page.getByRole("link", { name: "bad2" }).waitFor({ state: "detached" });
    assert.notEqual(await page.evaluate("document.activeElement.tagName"), "BODY");
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("max_retries", { exact: true }).fill("5");
    await page.getByRole("button", { name: "Save max_retries" }).press("Enter");
    await page.getByText("max_retries = 5").waitFor();
    assert.equal(await focused(), "Save");
    await page.getByRole("button", { name: "Set max_retries to its default" }).press("Enter");
    await page.getByText("max_retries = 3").waitFor();
    assert.equal(await page.getByLabel("max_retries", { exact: true }).inputValue(), "3");
    assert.notEqual(await page.evaluate("document.activeElement.tagName"), "BODY");
  },
  {
    fill: async (directory) => {
      for (const id of ["bad1", "bad2"]) {
        await ok(directory, "enqueue", "--id", id, "-r", "0", "--", "false");
      }
      await ok(directory, "worker", "start", "--drain");
    },
  },
);

browserTest(
  "10,000 jobs are filtered by a click, searched and paged",
  async ({ page, directory }) => {
    const rows = page.locator("tbody tr");
    await page.getByText("1 to 50 of 10000").waitFor();
    assert.equal(await rows.count(), 50);
    await page.getByRole("link", { name: "Older" }).click();
    await page.getByText("51 to 100 of 10000").waitFor();
    await page.getByRole("link", { name: "Newer" }).click();
    await page.getByText("1 to 50 of 10000").waitFor();
    await page.getByLabel("Search").fill("job-77");
    await page.getByLabel("Search").press("Enter");
    await page.getByText("1 to 50 of 111").waitFor();
    await page.getByLabel("Search").pressSequentially("77");
    await page.getByText("1 to 1 of 1").waitFor();
    assert.equal(
      await page.getByLabel("Search").evaluate((field) => field.matches(":focus")),
      true,
    );
    assert.match(page.url(), /search=job-7777/);
    await ok(directory, "cancel", "job-7777");
    await page.getByText("cancelled").nth(1).waitFor();
    await page.getByRole("button", { name: /cancelled/ }).click();
    await page.getByRole("button", { name: /cancelled/, pressed: true }).waitFor();
    await page.getByText("1 to 1 of 1").waitFor();
    await page.getByRole("button", { name: /pending/ }).click();
    await page.getByText("No job is like that.").waitFor();
  },
  {
    fill: async (directory) => {
      const lines = Array.from(
        { length: 10_000 },
        (_, i) => `{"id":"job-${i}","command":"true"}\n`,
      );
      await Deno.writeTextFile(`${directory}/jobs.jsonl`, lines.join(""));
      await ok(directory, "enqueue", "--file", "jobs.jsonl");
    },
  },
);

browserTest(
  "it says when it is cut off, comes back by itself, and is up to date then",
  async ({ page, directory, dashboard }) => {
    await page.getByText("live", { exact: true }).waitFor();
    const { port } = new URL(dashboard.link);
    await dashboard.stop();
    await page.getByText("cut off, trying again").waitFor();
    await ok(directory, "enqueue", "--id", "meanwhile", "--", "true");
    await dashboard.start(port);
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByRole("link", { name: "meanwhile" }).waitFor();
  },
);

browserTest(
  "a schedule is added, run, paused and removed",
  async ({ page, directory }) => {
    await page.getByRole("link", { name: "Schedules" }).click();
    await page.getByText("There is no schedule.").waitFor();
    await page.getByRole("button", { name: "New schedule" }).click();
    await page.getByLabel("Name").fill("nightly");
    await page.getByLabel("Pattern").fill("0 25 * * *");
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await page.getByLabel("Command").fill("echo from the schedule");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("alert").getByText("is no cron pattern").waitFor();
    await page.getByLabel("Pattern").fill("0 3 1 1 *");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("nightly is a schedule now").waitFor();
    await page.getByRole("button", { name: "Run nightly" }).click();
    await page.getByText(/nightly:.* is in the queue/).waitFor();
    await page.getByRole("button", { name: "Pause nightly" }).click();
    await page.getByRole("cell", { name: "paused" }).waitFor();
    await ok(directory, "schedule", "resume", "nightly");
    await page.getByRole("button", { name: "Pause nightly" }).waitFor();
    await page.getByRole("button", { name: "Remove nightly" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("There is no schedule.").waitFor();
    const { jobs } = JSON.parse(await ok(directory, "list", "--json"));
    assert.deepEqual(jobs.map(({ command }: { command: string }) => command), [
      "echo from the schedule",
    ]);
  },
);

browserTest(
  "settings are changed and checked, and the queue paused and resumed",
  async ({ page, directory }) => {
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("max_retries", { exact: true }).fill("many");
    await page.getByRole("button", { name: "Save max_retries" }).click();
    await page.getByText("max_retries must be a whole number from 0").waitFor();
    await page.getByLabel("max_retries", { exact: true }).fill("7");
    await page.getByRole("button", { name: "Save max_retries" }).click();
    await page.getByText("max_retries = 7").waitFor();
    assert.equal(await ok(directory, "config", "get", "max_retries"), "7\n");
    await page.getByRole("button", { name: "Set max_retries to its default" }).click();
    await page.getByRole("button", { name: "Set max_retries to its default" }).waitFor({
      state: "detached",
    });
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    assert.equal(JSON.parse(await ok(directory, "status", "--json")).paused, true);
  },
);

browserTest(
  "what is typed is never anything but text, wherever it is shown",
  async ({ page, directory }) => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    await ok(
      directory,
      "enqueue",
      "--id",
      "evil",
      "--tag",
      "<b>tag</b>",
      "-r",
      "0",
      "-c",
      `echo '${evil}' '\x1b[31m'; exit 1`,
    );
    await ok(directory, "worker", "start", "--drain");
    for (const view of ["#/jobs", "#/dlq", "#/jobs/evil"]) {
      await page.goto(`${new URL(page.url()).origin}/${view}`);
      await page.getByText("onerror").first().waitFor();
      assert.equal(await page.locator("main img, main script, main b").count(), 0);
      assert.match(await page.title(), /queuectl$/);
    }
  },
);

browserTest(
  "without the cookie it asks for the token, and lets in who knows it",
  async ({ page, dashboard }) => {
    await page.context().clearCookies();
    await page.goto(new URL(dashboard.link).origin);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByText("That token was wrong.").waitFor();
    await page.goto(new URL(dashboard.link).origin);
    await page.getByLabel("Token").fill("sesame");
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByText("live", { exact: true }).waitFor();
  },
);

browserTest("for looking only there is nothing to press", async ({ page }) => {
  await page.getByRole("link", { name: "a", exact: true }).click();
  await page.getByRole("heading", { name: /^a .*pending/ }).waitFor();
  for (const name of ["New job", "Pause", "Cancel", "Delete"]) {
    assert.equal(await page.getByRole("button", { name }).isVisible(), false, name);
  }
}, {
  flags: ["--read-only"],
  fill: async (directory) => void await ok(directory, "enqueue", "--id", "a", "--", "true"),
});

browserTest("everything is reached with the keyboard", async ({ page }) => {
  await page.getByText("live", { exact: true }).waitFor();
  await page.keyboard.press("n");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("echo by keyboard");
  await page.keyboard.press("Tab");
  await page.keyboard.type("keys");
  await page.keyboard.press("Enter");
  await page.getByText("keys is in the queue").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("keys");
  await page.keyboard.press("Enter");
  const link = page.getByRole("link", { name: "keys" });
  await link.focus();
  // The list is drawn again each second: the focus stays where it is.
  await page.waitForFunction(() => performance.now() > 4000);
  assert.equal(
    await link.evaluate((element) => element === element.ownerDocument.activeElement),
    true,
  );
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /keys/ }).waitFor();
});

const VIEWS = ["#/jobs", "#/jobs/bad", "#/dlq", "#/workers", "#/schedules", "#/settings"];

for (
  const options of [{ colorScheme: "light" }, { colorScheme: "dark" }, { width: 390 }] as const
) {
  browserTest(
    `axe finds no barrier, nothing is wider than the page: ${JSON.stringify(options)}`,
    async ({ page }) => {
      for (const view of [...VIEWS, "dialog"]) {
        if (view === "dialog") await page.getByRole("button", { name: "New job" }).click();
        else await page.goto(`${new URL(page.url()).origin}/${view}`);
        await page.getByText("live", { exact: true }).waitFor();
        await page.locator("main .card").first().waitFor();
        await page.locator("main :is(td, dd, input, .empty)").first().waitFor();
        await page.evaluate(axe.source);
        const found = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          };
          return (await axe.run()).violations.map(({ id, nodes }) =>
            `${id}: ${nodes.map(({ html }) => html).join(" ")}`
          );
        });
        assert.deepEqual(found, [], view);
        const isTooWide = await page.locator("html").evaluate((html) =>
          html.scrollWidth > html.clientWidth
        );
        assert.equal(isTooWide, false, view);
      }
    },
    {
      ...options,
      fill: async (directory) => {
        await ok(directory, "enqueue", "--id", "bad", "-r", "0", "-c", "echo went wrong; exit 7");
        await ok(
          directory,
          "enqueue",
          "--id",
          "x".repeat(128),
          "-c",
          "echo ".repeat(100),
          "--tag",
          "a,b",
        );
        await ok(directory, "worker", "start", "--drain");
        await ok(directory, "enqueue", "--delay", "1h", "--", "true");
        const cron = ["--cron", "0 3 1 1 *", "-c", "echo ".repeat(40)];
        await ok(directory, "schedule", "add", "yearly", ...cron);
        await ok(directory, "schedule", "add", "x".repeat(80), ...cron);
        await ok(directory, "schedule", "pause", "yearly");
        await ok(directory, "worker", "start", "--detach");
      },
    },
  );
}

browserTest(
  "older pages go on behind what is shown, although new jobs have come",
  async ({ page, directory }) => {
    await page.getByText("1 to 50 of 60").waitFor();
    const lines = Array.from({ length: 100 }, (_, i) => `{"id":"new-${i}","command":"true"}\n`);
    await Deno.writeTextFile(`${directory}/new.jsonl`, lines.join(""));
    await ok(directory, "enqueue", "--file", "new.jsonl");
    await page.getByText("1 to 50 of 160").waitFor();
    await page.getByRole("link", { name: "Older" }).click();
    await page.getByRole("link", { name: "new-49", exact: true }).waitFor();
  },
  {
    fill: async (directory) => {
      const lines = Array.from({ length: 60 }, (_, i) => `{"id":"old-${i}","command":"true"}\n`);
      await Deno.writeTextFile(`${directory}/old.jsonl`, lines.join(""));
      await ok(directory, "enqueue", "--file", "old.jsonl");
    },
  },
);

browserTest(
  "an address that is none says so, and a long log of odd bytes is no trouble",
  async ({ page }) => {
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/#/jobs/%`);
    await page.getByText("There is nothing under this address.").waitFor();
    await page.goto(`${origin}/#/jobs/noisy`);
    await page.getByLabel("Output").getByText("the end of it").waitFor();
    assert.equal(
      await page.getByLabel("Output").evaluate((pre) =>
        ["\x1b", "\0"].some((control) => pre.textContent?.includes(control))
      ),
      false,
    );
    await page.getByRole("link", { name: "as a file" }).waitFor();
  },
  {
    fill: async (directory) => {
      const noisy =
        "yes some output | head -n 60000; head -c 200000 /dev/urandom; printf '\\033[31m'; echo; echo the end of it";
      await ok(directory, "enqueue", "--id", "noisy", "-c", noisy);
      await ok(directory, "worker", "start", "--drain");
    },
  },
);
