/** Who may read what a queue leaves on the disk: its owner alone. */
import assert from "node:assert/strict";
import { ok, program, start } from "./support/cli.ts";
import { withDirectory } from "./support/temporary.ts";
import { waitUntil } from "./support/wait_until.ts";

/** The paths below a directory that others may read, write or enter. */
function open(directory: string): readonly string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    const own = (Deno.lstatSync(path).mode! & 0o077) === 0 ? [] : [path];
    return isDirectory ? [...own, ...open(path)] : own;
  });
}

Deno.test({
  name: "directories and files are for their owner alone, but for what runs have printed",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withDirectory(async (around) => {
      const before = Deno.umask(0o022);
      try {
        const queue = `${around}/a/queue`;
        const at = (...args: string[]): Promise<string> => ok(around, "--data-dir", queue, ...args);
        await at("config", "set", "on_finish", "echo $QUEUECTL_JOB");
        await at("enqueue", "--id", "good", "--", "echo", "hi");
        await at("enqueue", "--id", "bad", "--max-retries", "0", "--", "false");
        await at("worker", "start", "--drain");
        const worker = start(around, ["worker", "start", "--data-dir", queue]);
        await waitUntil("the worker", async () => (await at("worker", "list")) !== "");
        assert.deepEqual(open(`${queue}/workers`), [], "while it works");
        await at("worker", "stop", "--wait");
        await worker.output();
        await at("migrate", "--to", `${around}/b/other`);
        await Deno.remove(`${around}/b/other/logs`, { recursive: true });
        await ok(around, "retry", "bad", "--data-dir", `${around}/b/other`);
        await ok(around, "worker", "start", "--drain", "--data-dir", `${around}/b/other`);
        // One torn write to be set aside, and one damage to be mended.
        await at("enqueue", "--id", "last", "--", "true");
        Deno.writeTextFileSync(`${queue}/journal.jsonl`, "torn\n", { append: true });
        await at("pause");
        Deno.writeTextFileSync(`${queue}/jobs.json`, "[");
        assert.equal((await program(around, ["doctor", "--repair", "--data-dir", queue])).code, 0);
        const names = [...Deno.readDirSync(queue)].map(({ name }) => name);
        for (const kept of [/^journal\.jsonl\.aside-/, /^repair-/]) {
          assert.ok(names.some((name) => kept.test(name)), `${kept}: ${names}`);
        }
        const printed = /\/logs\/(good|bad|last)\.[^/]+\.log$/;
        assert.deepEqual(open(around).filter((path) => !printed.test(path)), []);
      } finally {
        Deno.umask(before);
      }
    }),
});
