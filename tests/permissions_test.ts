/** Every command that can do with less than `-A`, run with what the reference says that it needs. */
import assert from "node:assert/strict";
import { MAIN, ROOT } from "./support/cli.ts";
import { withDirectory } from "./support/temporary.ts";

const REFERENCE = Deno.readTextFileSync(`${ROOT}docs/reference.md`);

/** The flags of the reference's own command line. */
function flags(directory: string): readonly string[] {
  const [, text] = /```sh\ndeno run (--no-prompt [\s\S]*?) main\.ts\n```/.exec(REFERENCE)!;
  return text!.replaceAll("\\\n", " ").replaceAll("DIR", directory).split(/\s+/);
}

const COMMANDS: readonly string[] = [
  "enqueue --id a -- true",
  "enqueue --id b --depends-on a -- true",
  "list",
  "show a",
  "edit a --priority 3 --delay 1h",
  "wait a --timeout 0",
  "logs a",
  "cancel a",
  "dlq list",
  "dlq retry b",
  "retry a",
  "status",
  "metrics",
  "metrics --prometheus",
  "pause",
  "resume",
  "config set max_retries 2",
  "config list",
  "config get max_retries",
  "config unset max_retries",
  "schedule add s --cron @daily -- true",
  "schedule list",
  "schedule remove s",
  "worker list",
  "worker stop",
  "checkpoint",
  "doctor",
  "prune",
  "delete b a --force",
  "dlq purge --yes",
  "reset --yes",
  "completions bash",
];

/** Those that say by their exit code that something is not as one would wish. */
const NOT_ZERO: Readonly<Record<string, number>> = { "wait a --timeout 0": 124, "dlq retry b": 1 };

Deno.test("every command but those that run jobs does with the permissions of the reference", async () => {
  await withDirectory(async (directory) => {
    const home = `${directory}/queue`;
    for (const line of COMMANDS) {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", ...flags(home), "main.ts", ...line.split(" ")],
        cwd: ROOT,
        env: { QUEUECTL_HOME: home },
        stdin: "null",
      }).output();
      assert.equal(code, NOT_ZERO[line] ?? 0, `${line}: ${new TextDecoder().decode(stderr)}`);
    }
  });
});

Deno.test("a permission that is missing is said in a sentence, for the program's own files too", async () => {
  await withDirectory(async (directory) => {
    for (const allowed of [[], [`--allow-read=${ROOT}`]]) {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          "--allow-env",
          "--allow-sys",
          ...allowed,
          MAIN,
          "list",
        ],
        cwd: directory,
        env: { QUEUECTL_HOME: directory },
      }).output();
      assert.equal(code, 1);
      assert.match(
        new TextDecoder().decode(stderr),
        /^queuectl: Deno does not let this through: Requires read access [^\n]*\n$/,
      );
    }
  });
});
