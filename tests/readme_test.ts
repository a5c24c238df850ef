/** The README's sessions, run as they stand there. */
import assert from "node:assert/strict";
import { loadCommandTree } from "../src/cli/commands.ts";
import { MAIN, ROOT } from "./support/cli.ts";
import { withDirectory } from "./support/temporary.ts";

const README = Deno.readTextFileSync(`${ROOT}README.md`);

interface Example {
  readonly command: string;
  readonly output: string;
}

/** Every `$ queuectl …` in a console block, with what the README says that it prints. */
function examples(): readonly Example[] {
  return [...README.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!.split(/^\$ /m).slice(1).map((text) => {
      const end = text.indexOf("\n");
      return { command: text.slice(0, end), output: text.slice(end + 1) };
    })
  );
}

/** What differs from run to run is made the same. */
function steady(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/worker-\w{8}/g, "WORKER")
    .replace(/\b(in|for) \d+(\.\d+)?m?s/g, "$1 SECONDS")
    .replace(/\b(now {2}|\d+s ago)/g, "WHEN")
    .replace(/\b(now|\d+s ago)$/gm, "WHEN")
    .replace(/ +/g, " ");
}

Deno.test("every session in the README runs as it stands there", async () => {
  const all = examples();
  assert.ok(all.length > 10);
  await withDirectory(async (directory) => {
    for (const { command, output } of all) {
      assert.match(command, /^queuectl /);
      const { stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", `queuectl() { "$DENO" run -A --quiet "$MAIN" "$@"; }\n${command}`],
        cwd: directory,
        env: { QUEUECTL_HOME: `${directory}/queue`, DENO: Deno.execPath(), MAIN, NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      const printed = decoder.decode(stdout) + decoder.decode(stderr);
      assert.equal(steady(printed), steady(output), command);
    }
  });
});

Deno.test("the README has a line for every command", async () => {
  const lines = README.split("\n").filter((line) => line.startsWith("| `")).join("\n");
  for (const entry of (await loadCommandTree(undefined)).getAllEntries()) {
    assert.match(lines, new RegExp(`\`${entry.name.original}[ \`]`), entry.name.original);
  }
});
