/** What happens when something dies, with the real program. */
import assert from "node:assert/strict";
import { ok, program, show, start } from "./support/cli.ts";
import { isRunning } from "./support/processes.ts";
import { storm } from "./support/storm.ts";
import { withDirectory } from "./support/temporary.ts";
import { waitUntil } from "./support/wait_until.ts";

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** The pids that a job has written, one for each of its runs. */
function pids(directory: string): readonly number[] {
  return read(`${directory}/pids`).split("\n").filter((line) => line !== "").map(Number);
}

/** A job that notes each of its runs and goes on until the file `go` is there. */
function patientJob(directory: string): string {
  const command = "echo $$ >> pids; while [ ! -e go ]; do sleep 0.05; done";
  return JSON.stringify({ id: "patient", command, cwd: directory });
}

async function killed(child: Deno.ChildProcess, signal: Deno.Signal = "SIGKILL"): Promise<void> {
  child.kill(signal);
  await child.output();
}

async function stopAll(...children: readonly Deno.ChildProcess[]): Promise<void> {
  for (const child of children) child.kill("SIGTERM");
  for (const child of children) assert.equal((await child.output()).code, 0);
}

Deno.test("a supervisor killed with -9: another one ends what is left of its run and runs the job again", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "backoff_base", "0");
    await ok(directory, "enqueue", patientJob(directory));
    const first = start(directory, ["worker", "start"]);
    await waitUntil("the first run", () => pids(directory).length === 1);
    const second = start(directory, ["worker", "start"]);
    await waitUntil("the second worker", async () => {
      const { workers } = JSON.parse(await ok(directory, "worker", "list", "--json"));
      return workers.length === 2;
    });
    await killed(first);
    const died = performance.now();
    await waitUntil("the second run", () => pids(directory).length === 2);
    const took = performance.now() - died;
    assert.ok(
      took < 10_000,
      `${took} ms: longer than any liveness lock should take, as the lease is 60 s`,
    );
    assert.ok(!isRunning(pids(directory)[0]!), "the first run still goes on");
    Deno.writeTextFileSync(`${directory}/go`, "");
    await ok(directory, "wait", "patient", "--timeout", "20");
    const job = await show(directory, "patient");
    assert.deepEqual(job.history?.map(({ error }) => error), ["worker lost", undefined]);
    assert.deepEqual([job.state, job.attempts], ["completed", 2]);
    await stopAll(second);
    assert.deepEqual([...Deno.readDirSync(`${directory}/workers`)], []);
  });
});

Deno.test("everything killed with -9: the next worker start recovers at once", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "backoff_base", "0");
    await ok(directory, "enqueue", patientJob(directory));
    const first = start(directory, ["worker", "start", "-n", "2"]);
    await waitUntil("the first run, and both workers", async () => {
      const { workers } = JSON.parse(await ok(directory, "worker", "list", "--json"));
      return pids(directory).length === 1 && workers.length === 2;
    });
    await killed(first);
    assert.equal((await show(directory, "patient")).state, "processing");
    const { workers } = JSON.parse(await ok(directory, "worker", "list", "--json"));
    assert.deepEqual(workers.map((worker: { alive: boolean }) => worker.alive), [false, false]);
    Deno.writeTextFileSync(`${directory}/go`, "");
    const events = await ok(directory, "worker", "start", "--drain");
    assert.match(events, /was lost with patient attempt 1\/4; retry at/);
    assert.equal((await show(directory, "patient")).state, "completed");
    assert.deepEqual(pids(directory).filter(isRunning), []);
    assert.deepEqual([...Deno.readDirSync(`${directory}/workers`)], []);
  });
});

Deno.test("a job that kills its worker every time ends in the DLQ", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "backoff_base", "0");
    await ok(
      directory,
      "enqueue",
      '{"id":"poison","command":"kill -9 $PPID; sleep 60","max_retries":1}',
    );
    for (let round = 0; round < 2; round++) {
      const { signal } = await start(directory, ["worker", "start", "--drain"]).output();
      assert.equal(signal, "SIGKILL");
    }
    await ok(directory, "worker", "start", "--drain");
    const job = await show(directory, "poison");
    assert.deepEqual([job.state, job.attempts, job.error], ["dead", 2, "worker lost"]);
  });
});

Deno.test("a supervisor frozen past its lease: its run is ended and given away, and what it says later is refused", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "backoff_base", "0");
    await ok(directory, "config", "set", "lease_seconds", "1");
    await ok(directory, "enqueue", patientJob(directory));
    const frozen = start(directory, ["worker", "start"]);
    await waitUntil("the first run", () => pids(directory).length === 1);
    frozen.kill("SIGSTOP");
    const other = start(directory, ["worker", "start"]);
    await waitUntil("the second run", () => pids(directory).length === 2);
    assert.ok(!isRunning(pids(directory)[0]!), "the first run still goes on");
    frozen.kill("SIGCONT");
    await waitUntil("the frozen worker to be replaced", async () => {
      const { workers } = JSON.parse(await ok(directory, "worker", "list", "--json"));
      return workers.filter((worker: { alive: boolean }) => worker.alive).length === 2;
    });
    assert.equal(pids(directory).length, 2);
    Deno.writeTextFileSync(`${directory}/go`, "");
    await ok(directory, "wait", "patient", "--timeout", "20");
    const job = await show(directory, "patient");
    assert.deepEqual([job.state, job.attempts], ["completed", 2]);
    frozen.kill("SIGTERM");
    const { code, stdout } = await frozen.output();
    assert.equal(code, 0);
    assert.match(
      new TextDecoder().decode(stdout),
      /ended patient, but the run was no longer its own/,
    );
    await stopAll(other);
  });
});

Deno.test("a long run with a short lease is not given away while its worker lives", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "lease_seconds", "1");
    await ok(directory, "enqueue", '{"id":"long","command":"sleep 4"}');
    const supervisors = [
      start(directory, ["worker", "start"]),
      start(directory, ["worker", "start"]),
    ];
    await ok(directory, "wait", "long", "--timeout", "30");
    const job = await show(directory, "long");
    assert.deepEqual([job.state, job.attempts], ["completed", 1]);
    await stopAll(...supervisors);
  });
});

Deno.test("cancel ends a running job with its whole process tree, and the worker goes on", async () => {
  await withDirectory(async (directory) => {
    const command =
      "sleep 300 & echo $! >> pids; setsid sleep 300 & echo $! >> pids; echo $$ >> pids; wait";
    await ok(directory, "enqueue", JSON.stringify({ id: "endless", command, cwd: directory }));
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the run", () => pids(directory).length === 3);
    assert.equal(await ok(directory, "cancel", "endless"), "endless\n");
    await waitUntil("the processes to end", () => !pids(directory).some(isRunning));
    await ok(directory, "enqueue", "-i", "next", "-c", "true");
    await ok(directory, "wait", "next", "--timeout", "20");
    const job = await show(directory, "endless");
    assert.deepEqual([job.state, job.history?.length], ["cancelled", 1]);
    worker.kill("SIGTERM");
    const { stdout } = await worker.output();
    assert.match(new TextDecoder().decode(stdout), /ended endless: cancelled/);
  });
});

Deno.test("cancel of a job whose worker was killed ends what is left of the run, before the job can run again", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", patientJob(directory));
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the run", () => pids(directory).length === 1);
    await killed(worker);
    await ok(directory, "cancel", "patient");
    assert.deepEqual(pids(directory).filter(isRunning), []);
    await ok(directory, "retry", "patient");
    Deno.writeTextFileSync(`${directory}/go`, "");
    await ok(directory, "worker", "start", "--drain");
    assert.equal((await show(directory, "patient")).state, "completed");
  });
});

Deno.test("worker stop --force puts the job back without counting the run, after --timeout if given", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", patientJob(directory));
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the run", () => pids(directory).length === 1);
    await ok(directory, "worker", "stop", "--timeout", "0.5", "--force", "--wait");
    assert.equal((await worker.output()).code, 130);
    const job = await show(directory, "patient");
    assert.deepEqual([job.state, job.attempts], ["pending", 0]);
    assert.deepEqual(pids(directory).filter(isRunning), []);
  });
});

Deno.test("worker stop --wait --timeout ends with 124 when the run takes longer, and ends no run", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", patientJob(directory));
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the run", () => pids(directory).length === 1);
    const { code } = await program(directory, ["worker", "stop", "--wait", "--timeout", "0.2"]);
    assert.equal(code, 124);
    assert.ok(isRunning(pids(directory)[0]!));
    Deno.writeTextFileSync(`${directory}/go`, "");
    assert.equal((await worker.output()).code, 0);
    assert.equal((await show(directory, "patient")).state, "completed");
  });
});

Deno.test("a storm: supervisors and command lines killed at random; every job ends, no two runs of one overlap, nothing is left over", async () => {
  await withDirectory(async (directory) => {
    const { acknowledged, kills } = await storm(directory, { batches: 15, supervisors: 2 });
    assert.ok(acknowledged > 30 && kills > 3, `${acknowledged} jobs, ${kills} kills`);
  });
});
