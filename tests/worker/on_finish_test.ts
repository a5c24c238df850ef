/** The setting `on_finish`, with the real program. */
import assert from "node:assert/strict";
import { ok, program } from "../support/cli.ts";
import { withDirectory } from "../support/temporary.ts";

function told(directory: string): readonly string[] {
  return Deno.readTextFileSync(`${directory}/logs/on_finish.log`).trimEnd().split("\n");
}

const TELL =
  'echo "$QUEUECTL_JOB|$QUEUECTL_STATE|$QUEUECTL_EXIT_CODE|$QUEUECTL_ERROR|$QUEUECTL_ATTEMPTS|$QUEUECTL_COMMAND"';

Deno.test("it is run for every job that has ended, and told how", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "on_finish", TELL);
    await ok(directory, "config", "set", "backoff_base", "0");
    await ok(directory, "enqueue", "--id", "good", "--priority", "2", "--", "true");
    await ok(
      directory,
      "enqueue",
      "--id",
      "bad",
      "--priority",
      "1",
      "-r",
      "1",
      "-c",
      "echo oh; exit 3",
    );
    await ok(directory, "enqueue", "--id", "child", "--depends-on", "bad", "--", "true");
    await ok(directory, "worker", "start", "--drain");
    assert.deepEqual(told(directory), [
      "good|completed|0||1|true",
      "bad|dead|3|exit code 3: oh|2|echo oh; exit 3",
      "child|dead||dependency 'bad' is dead|0|true",
    ]);
  });
});

Deno.test("a job that is cancelled while it waits has it run by who cancelled, before that returns", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "on_finish", TELL);
    await ok(directory, "enqueue", "--id", "a", "--", "true");
    await ok(directory, "cancel", "a");
    assert.deepEqual(told(directory), ["a|cancelled||cancelled|0|true"]);
  });
});

Deno.test("when it fails the worker says so, and the jobs go on", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "on_finish", "exit 9");
    for (const id of ["a", "b"]) await ok(directory, "enqueue", "--id", id, "--", "true");
    const events = await ok(directory, "worker", "start", "--drain");
    assert.match(events, /warns: on_finish for job 'a': exit code 9/);
    assert.match(events, /completed b/);
    assert.equal((await program(directory, ["wait", "a", "b", "--timeout", "0"])).code, 0);
  });
});

Deno.test("its log is set aside when it has grown too long", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "log_limit_bytes", "1024");
    await ok(directory, "config", "set", "on_finish", "head -c 2000 /dev/zero | tr '\\0' x; echo");
    for (const id of ["a", "b"]) await ok(directory, "enqueue", "--id", id, "--", "true");
    await ok(directory, "worker", "start", "--drain");
    assert.equal(Deno.statSync(`${directory}/logs/on_finish.log`).size, 2001);
    assert.equal(Deno.statSync(`${directory}/logs/on_finish.log.1`).size, 2001);
    assert.match((await program(directory, ["doctor"])).stderr, /nothing is wrong/);
  });
});

Deno.test("without it nothing is run, and a job that had ended does not end again", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "--id", "a", "--", "true");
    await ok(directory, "worker", "start", "--drain");
    await ok(directory, "config", "set", "on_finish", TELL);
    await ok(directory, "delete", "a");
    assert.throws(() => told(directory), Deno.errors.NotFound);
  });
});
