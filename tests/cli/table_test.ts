/** Tables at every width, with every kind of text, on a terminal and in a pipe. */
import assert from "node:assert/strict";
import stringWidth from "string-width";
import { queuectl, type RunOptions } from "../support/cli.ts";
import { add, FAILURE, runNext, testEnvironment, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const JOBS = [
  { id: "short", command: "true" },
  { id: "x".repeat(128), command: "echo the longest id there is" },
  { id: "wide", command: "echo 日本語のコマンド 🎉 ".repeat(20) },
  { id: "lines", command: "echo one\necho two\t\x1b[31mred\x1b[0m\r" },
  { id: "long", command: "y".repeat(5000), priority: -1_000_000_000, tags: ["a"] },
  { id: "after", command: "true", depends_on: ["short", "wide"] },
];

const COMMANDS: readonly (readonly string[])[] = [
  ["list"],
  ["dlq", "list"],
  ["status"],
  ["metrics"],
  ["config", "list"],
  ["worker", "list"],
  ["schedule", "list"],
  ["show", "long"],
];

async function filled(work: (directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, ...JOBS);
      await queue.cancel(["lines"]);
      const job = { command: "echo ".repeat(50) };
      const schedule = {
        name: "s",
        cron: "@daily",
        time_zone: "UTC",
        missed: "once",
        job,
      } as const;
      await queue.addSchedule(schedule, { replace: false });
      await queue.join("worker-test");
    });
    await work(directory);
  });
}

async function print(
  directory: string,
  line: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await queuectl(directory, line, options);
  assert.equal(code, 0, stderr);
  return stdout;
}

for (const columns of [80, 120, 200]) {
  Deno.test(`no line of a table is wider than a terminal of ${columns} columns`, async () => {
    await filled(async (directory) => {
      for (const line of COMMANDS.filter(([first]) => first !== "show")) {
        for (const colours of [true, false]) {
          const text = await print(directory, line, { terminal: { columns, colours } });
          for (const row of text.split("\n")) {
            assert.ok(stringWidth(row) <= columns, `${line.join(" ")}: ${stringWidth(row)} ${row}`);
          }
        }
      }
    });
  });
}

Deno.test("in a pipe there are no boxes, no colours and no control characters, and nothing is cut", async () => {
  await filled(async (directory) => {
    for (const line of COMMANDS) {
      const text = await print(directory, line);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(text, /[\u2500-\u257f\x1b\r\t]/, line.join(" "));
    }
    const list = await print(directory, ["list"]);
    assert.ok(list.includes("y".repeat(5000)));
    assert.ok(list.includes("x".repeat(128)));
    assert.ok(list.includes("echo one\\necho two\\t\\x1b[31mred\\x1b[0m\\r"));
    assert.equal(list.trimEnd().split("\n").length, JOBS.length + 1, "a job a line");
  });
});

Deno.test("colours come only on a terminal that wants them, and control characters never", async () => {
  await filled(async (directory) => {
    const painted = await print(directory, ["list"], { terminal: { columns: 100, colours: true } });
    // deno-lint-ignore no-control-regex
    assert.match(painted, /\x1b\[33mpending\x1b\[39m/);
    const plain = await print(directory, ["list"], { terminal: { columns: 100, colours: false } });
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(plain, /\x1b/);
    assert.match(plain, /│/);
  });
});

Deno.test("on a narrow terminal an id that was made is still there whole, and the row fits", async () => {
  await withDirectory(async (directory) => {
    await queuectl(directory, ["enqueue", "--command", `echo ${"x".repeat(100)}`]);
    const [id] = JSON.parse((await queuectl(directory, ["list", "--json"])).stdout).jobs
      .map((job: { id: string }) => job.id);
    const text = await print(directory, ["list"], { terminal: { columns: 60, colours: false } });
    assert.ok(text.includes(`│ ${id} │`), text);
    for (const row of text.split("\n")) assert.ok(stringWidth(row) <= 60, row);
  });
});

Deno.test("list tells when a job runs next, for how long it has run, and when it has ended", async () => {
  await withDirectory(async (directory) => {
    const environment = testEnvironment();
    const now = environment.clock();
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "ended", command: "true" }, { id: "runs", command: "true" });
      const seat = await queue.join("worker-test");
      await runNext(seat, { kind: "exited", exit_code: 0 });
      await seat.claim();
      await add(queue, { id: "due", command: "true" });
      const run_at = new Date(now + 3_600_000).toISOString();
      await add(queue, { id: "later", command: "true", run_at });
    }, environment);
    const { stdout } = await queuectl(directory, ["list"], { now: now + 90_000 });
    const cells = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
    assert.deepEqual(cells.map(([id, state, , , when]) => [id, state, when]), [
      ["ID", "STATE", "WHEN"],
      ["later", "pending", "in 58m 30s"],
      ["due", "pending", "due"],
      ["runs", "processing", "for 1m 30s"],
      ["ended", "completed", "1m 30s ago"],
    ]);
  });
});

Deno.test("an empty queue has no table, and says so on stderr", async () => {
  await withDirectory(async (directory) => {
    const { code, stdout, stderr } = await queuectl(directory, ["list"]);
    assert.deepEqual([code, stdout, stderr], [0, "", "queuectl: the queue is empty\n"]);
  });
});

Deno.test("of 10,000 jobs list shows the newest 50, and says so", async () => {
  await withDirectory(async (directory) => {
    const jobs = Array.from({ length: 10_000 }, (_, index) => ({
      id: `job-${index}`,
      command: "true",
    }));
    await withQueue(directory, (queue) => add(queue, ...jobs));
    const { stdout, stderr } = await queuectl(directory, ["list"]);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 51);
    assert.match(lines[1]!, /^job-9999 /);
    assert.equal(stderr, "queuectl: the newest 50 of 10000 jobs; --limit N shows more\n");
    const all = await queuectl(directory, ["list", "--limit", "20000"]);
    assert.equal(all.stdout.trimEnd().split("\n").length, 10_001);
    assert.equal(all.stderr, "");
    assert.equal(
      JSON.parse((await queuectl(directory, ["list", "--json"])).stdout).jobs.length,
      10_000,
    );
  });
});

Deno.test("what one can do without is left out on a narrow terminal, and what went wrong is told whole", async () => {
  await withDirectory(async (directory) => {
    const terminal = { columns: 80, colours: false };
    const fail = async (seconds: number): Promise<void> => {
      const environment = testEnvironment();
      environment.time.advance(seconds);
      await withQueue(directory, async (queue) => {
        const seat = await queue.join("worker-test");
        const outcome = {
          ...FAILURE,
          last_line: "a sentence that is longer than the column for it",
        };
        await runNext(seat, outcome);
        await seat.leave();
      }, environment);
    };
    await withQueue(
      directory,
      (queue) => add(queue, { id: "a", command: "false", max_retries: 0 }),
    );
    await fail(0);
    const narrow = await print(directory, ["show", "a"], { terminal });
    assert.match(narrow, /│ ATTEMPT │ STARTED +│ TOOK │ RESULT +│\n/);
    assert.match(narrow, /│ exit code 1: a sentence that is +│\n.*│ longer than the column/);
    const wide = await print(directory, ["show", "a"], { terminal: { ...terminal, columns: 200 } });
    assert.match(wide, /│ RUN +│ WORKER +│ RESULT +│\n/);
    await withQueue(directory, (queue) => queue.retryDead(undefined, { withDependents: false }));
    await fail(60);
    const again = await print(directory, ["show", "a"], { terminal });
    assert.match(again, /│ TOOK +│ RUN +│ RESULT +│\n/, "the attempt does not tell the runs apart");
  });
});
