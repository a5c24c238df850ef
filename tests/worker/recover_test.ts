import assert from "node:assert/strict";
import { newRecord } from "../../src/model/job.ts";
import type { Queue } from "../../src/model/queue.ts";
import type { LostWorker } from "../../src/model/seat.ts";
import { recover } from "../../src/worker/recover.ts";
import { isRunning } from "../support/processes.ts";

const NOW = Date.parse("2030-01-01T00:00:00.000Z");

/** A process that carries the mark of a run. */
function startMarked(run: string): Deno.ChildProcess {
  return new Deno.Command("sleep", { args: ["600"], env: { QUEUECTL_RUN: run } }).spawn();
}

/** A lost worker with one run, and what was done about it, in order. */
function lostWith(run: string, local: boolean): { queue: Queue; done: string[] } {
  const done: string[] = [];
  const note = (what: string) => (): Promise<void> => Promise.resolve(void done.push(what));
  const made = { id: "a", seq: 1, now: new Date(NOW).toISOString(), maxRetries: 3 };
  const job = { ...newRecord({ command: "true" }, made), state: "processing", run } as const;
  const lost: LostWorker = {
    id: "w1",
    local,
    runs: [job],
    closeGate: () => void done.push("closes the gate"),
    forget: note("forgets"),
    release: () => void done.push("releases"),
  };
  const queue = {
    lostWorkers: () => Promise.resolve([lost]),
    settleLost: () => note("settles")().then(() => undefined),
  };
  return { queue: queue as unknown as Queue, done };
}

const WHOLE = ["closes the gate", "settles", "forgets", "releases"];

Deno.test("what a lost worker of this machine ran is ended before its run is settled, of another's nothing is touched", async () => {
  const run = crypto.randomUUID();
  const child = startMarked(run);
  try {
    const elsewhere = lostWith(run, false);
    await recover(elsewhere.queue, [], () => NOW, () => {});
    assert.deepEqual(elsewhere.done, WHOLE);
    assert.ok(isRunning(child.pid));
    const here = lostWith(run, true);
    await recover(here.queue, [], () => NOW, () => {});
    assert.deepEqual(here.done, WHOLE);
    assert.ok(!isRunning(child.pid));
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended, as it should.
    }
    await child.status;
  }
});

Deno.test("a run whose processes cannot be ended is settled by nobody, and can be found again", async () => {
  const run = crypto.randomUUID();
  const child = startMarked(run);
  const { kill } = Deno;
  const { now } = performance;
  let seconds = 0;
  // Ten seconds are tried; nothing that is sent arrives.
  performance.now = () => 1000 * (seconds += 4);
  Deno.kill = () => {};
  try {
    const { queue, done } = lostWith(run, true);
    await assert.rejects(
      () => recover(queue, [], () => NOW, () => {}),
      { code: "busy", message: /what w1 ran cannot be ended/ },
    );
    assert.deepEqual(done, ["closes the gate", "releases"]);
  } finally {
    Deno.kill = kill;
    performance.now = now;
    child.kill("SIGKILL");
    await child.status;
  }
});
