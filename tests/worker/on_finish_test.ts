/** The setting `on_finish`, with the real program. */
import assert from "node:assert/strict";
import { MAIN, ok, program, show, start } from "../support/cli.ts";
import { processesWith } from "../support/processes.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

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
    for (const name of ["on_finish.log", "on_finish.log.1"]) {
      const text = Deno.readTextFileSync(`${directory}/logs/${name}`);
      assert.match(
        text,
        /^x{1024}\n\[queuectl: .* cut at 1024 bytes; this is its end:\]\nx{255}\n$/,
      );
    }
    assert.match((await program(directory, ["doctor"])).stderr, /nothing is wrong/);
  });
});

Deno.test("one that is set while a job runs comes before the next job is taken", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "--id", "a", "--", "sleep", "1");
    await ok(directory, "enqueue", "--id", "b", "--", "true");
    const worker = start(directory, ["worker", "start", "--drain"]);
    await waitUntil("a runs", async () => (await show(directory, "a")).state === "processing");
    await ok(directory, "config", "set", "on_finish", "sleep 1; date +%s.%N");
    assert.equal((await worker.output()).code, 0);
    const ended = Number(told(directory)[0]) * 1000;
    assert.ok(Date.parse((await show(directory, "b")).started_at!) >= Math.floor(ended));
  });
});

Deno.test("a forced stop ends it, and so does whoever finds that its worker was killed", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "on_finish", "sleep 1000");
    await ok(directory, "enqueue", "--id", "a", "--", "true");
    const first = start(directory, ["worker", "start"]);
    await waitUntil(
      "a is completed",
      async () => (await show(directory, "a")).state === "completed",
    );
    await ok(directory, "worker", "stop", "--force", "--wait", "--timeout", "10");
    await first.output();
    await ok(directory, "enqueue", "--id", "b", "--", "true");
    const second = start(directory, ["worker", "start"]);
    await waitUntil(
      "b is completed",
      async () => (await show(directory, "b")).state === "completed",
    );
    await waitUntil(
      "its command runs",
      () => processesWith("QUEUECTL_RUN=on_finish-worker-").length > 0,
    );
    second.kill("SIGKILL");
    await second.output();
    assert.ok(processesWith("QUEUECTL_RUN=on_finish-worker-").length > 0);
    await ok(directory, "worker", "start", "--drain");
    await waitUntil(
      "its command is gone",
      () => processesWith("QUEUECTL_RUN=on_finish-worker-").length === 0,
    );
  });
});

Deno.test("what it prints is held at the limit, and no other's last line is quoted", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "log_limit_bytes", "2048");
    await ok(
      directory,
      "config",
      "set",
      "on_finish",
      "case $QUEUECTL_JOB in a) yes | head -c 3000000;; *) exit 3;; esac",
    );
    for (const id of ["a", "b"]) await ok(directory, "enqueue", "--id", id, "--", "true");
    const events = await ok(directory, "worker", "start", "--drain");
    assert.match(events, /on_finish for job 'b': exit code 3\n/);
    assert.ok(Deno.statSync(`${directory}/logs/on_finish.log.1`).size < 2048 + 512 + 200);
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

Deno.test("a drain ends when what it has enqueued is done too, with workers that rest meanwhile", async () => {
  await withDirectory(async (directory) => {
    // Longer than it takes the other workers to come up and to find nothing to do.
    const enqueue = `'${Deno.execPath()}' run -A --quiet '${MAIN}' enqueue --id b -- true`;
    const hook = `[ $QUEUECTL_JOB != a ] || { sleep 1; ${enqueue}; }`;
    await ok(directory, "config", "set", "on_finish", hook);
    await ok(directory, "enqueue", "--id", "a", "--", "true");
    await ok(directory, "worker", "start", "--count", "3", "--drain");
    assert.equal((await show(directory, "b")).state, "completed");
  });
});

Deno.test("a drain ends too when the worker that runs it is asked to stop while the others rest", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "on_finish", "sleep 2");
    await ok(directory, "enqueue", "--id", "a", "--", "true");
    const drain = start(directory, ["worker", "start", "--count", "2", "--drain"]);
    const output = drain.output();
    const ran = await waitUntil("its end", async () => (await show(directory, "a")).history?.[0]);
    await waitUntil(
      "both workers",
      async () => JSON.parse(await ok(directory, "worker", "list", "--json")).workers.length === 2,
    );
    await ok(directory, "worker", "stop", "--id", ran.worker);
    assert.equal((await output).code, 0);
  });
});
