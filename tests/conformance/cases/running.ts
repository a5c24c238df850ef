/** A job is claimed, run and settled. */
import assert from "node:assert/strict";
import { recover } from "../../../src/worker/recover.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { type Cases, claimed, drain, FAILED, keyOf, OK, tryClaim } from "../case.ts";

export const RUNNING: Cases = {
  "the highest priority comes first, and then who came first": async ({ enqueue, join }) => {
    await enqueue({ id: "low", priority: -5 }, { id: "usual" }, { id: "high", priority: 9 });
    await enqueue({ id: "later" });
    const seat = await join();
    assert.deepEqual(await drain(seat), ["high", "usual", "later", "low"]);
  },

  "a run is recorded with who ran it, and how it ended": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a" });
    const seat = await join();
    const { job } = await claimed(seat);
    assert.deepEqual([job.id, job.state, job.attempts, job.worker], [
      "a",
      "processing",
      1,
      seat.id,
    ]);
    const [running] = await queue.get(["a"]);
    assert.deepEqual([running!.state, running!.run, running!.worker], [
      "processing",
      job.run,
      seat.id,
    ]);
    assert.equal((await queue.status()).counts.processing, 1);
    await seat.settle(keyOf(job), OK, false);
    const [ended] = await queue.get(["a"]);
    assert.deepEqual([ended!.state, ended!.exit_code, ended!.run], ["completed", 0, undefined]);
    const [entry] = ended!.history!;
    assert.deepEqual([entry!.run, entry!.worker, entry!.attempt], [job.run, seat.id, 1]);
    assert.ok(entry!.waited_seconds! >= 0);
  },

  "settling one job can take the next, which is another run": async ({ enqueue, join }) => {
    await enqueue({ id: "a" }, { id: "b" });
    const seat = await join();
    const first = await claimed(seat);
    const { next } = await seat.settle(keyOf(first.job), OK, true);
    assert.equal(next?.job.id, "b");
    assert.notEqual(next?.job.run, first.job.run);
    assert.notEqual(next?.log, first.log);
    const second = await seat.settle(keyOf(next!.job), OK, true);
    assert.deepEqual([second.job?.state, second.next], ["completed", undefined]);
  },

  "many workers at once take every job once": async ({ queue, enqueue, join, again }) => {
    await enqueue(...Array.from({ length: 60 }, (_, index) => ({ id: `job-${index}` })));
    const seats = [await join(), await join(), await (await again()).join("worker-other")];
    const taken = (await Promise.all(seats.map((seat) => drain(seat)))).flat();
    assert.equal(taken.length, 60);
    assert.equal(new Set(taken).size, 60);
    assert.equal((await queue.status()).counts.completed, 60);
    await seats[2]!.leave();
  },

  "a run that is not current any more changes nothing": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a" });
    const seat = await join();
    const { job } = await claimed(seat);
    const wrong = await seat.settle({ id: "a", run: "another" }, OK, false);
    assert.equal(wrong.job, undefined);
    assert.equal(await seat.renew({ id: "a", run: "another" }), false);
    assert.equal(await seat.renew(keyOf(job)), true);
    await seat.settle(keyOf(job), FAILED, false);
    assert.equal((await seat.settle(keyOf(job), OK, false)).job, undefined);
    assert.equal((await queue.get(["a"]))[0]!.state, "failed");
  },

  "a failed job is tried again after its backoff, and is dead when no retries are left": async (
    { queue, enqueue, join },
  ) => {
    await queue.setConfig("backoff_base", 0.3);
    await enqueue({ id: "a", max_retries: 1 });
    const seat = await join();
    const first = await claimed(seat);
    const { job: failed } = await seat.settle(keyOf(first.job), FAILED, false);
    assert.deepEqual([failed!.state, failed!.attempts, failed!.error], [
      "failed",
      1,
      "exit code 3: oh no",
    ]);
    const nothing = await seat.claim();
    assert.ok(nothing.kind === "nothing", "it does not wait for its backoff");
    assert.equal(nothing.unfinished, 1);
    assert.ok(nothing.nextDue! >= Date.parse(failed!.run_at!) - 50, String(nothing.nextDue));
    const [waiting] = await queue.get(["a"]);
    assert.deepEqual([waiting!.state, waiting!.run_at], ["failed", failed!.run_at]);
    const second = await waitUntil("its second run", () => tryClaim(seat));
    assert.ok(Date.now() >= Date.parse(failed!.run_at!), "it came before its time");
    assert.equal(second.job.attempts, 2);
    await seat.settle(keyOf(second.job), FAILED, false);
    const [dead] = await queue.get(["a"]);
    assert.deepEqual([dead!.state, dead!.attempts, dead!.history!.length], ["dead", 2, 2]);
    assert.equal((await queue.status()).counts.dead, 1);
  },

  "a run that was interrupted does not count": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a", max_retries: 0 });
    const seat = await join();
    const { job } = await claimed(seat);
    await seat.settle(keyOf(job), { kind: "interrupted" }, false);
    const [back] = await queue.get(["a"]);
    assert.deepEqual([back!.state, back!.attempts, back!.history!.length], ["pending", 0, 1]);
    const again = await claimed(seat);
    assert.equal(again.job.attempts, 1);
    await seat.settle(keyOf(again.job), OK, false);
  },

  "a job waits for its time": async ({ queue, enqueue, join }) => {
    const run_at = new Date(Date.now() + 700).toISOString();
    await enqueue({ id: "later", run_at });
    const seat = await join();
    const nothing = await seat.claim();
    assert.ok(nothing.kind === "nothing");
    assert.ok(Math.abs(nothing.nextDue! - Date.parse(run_at)) < 100);
    assert.equal((await queue.get(["later"]))[0]!.run_at, run_at);
    await waitUntil("its time", () => tryClaim(seat));
    assert.ok(Date.now() >= Date.parse(run_at));
  },

  "nothing starts while the queue is paused": async ({ queue, enqueue, join, again }) => {
    await enqueue({ id: "a" });
    assert.equal(await queue.setPaused(true), true);
    assert.equal(await queue.setPaused(true), false);
    const seat = await join();
    const nothing = await seat.claim();
    assert.ok(nothing.kind === "nothing" && nothing.paused);
    assert.equal((await (await again()).status()).paused, true);
    assert.equal((await queue.status()).counts.pending, 1);
    assert.equal(await queue.setPaused(false), true);
    assert.deepEqual(await drain(seat), ["a"]);
  },

  "an edit that comes as a job begins to run does not undo what the run makes of it": async (
    { queue, enqueue, join, again },
  ) => {
    await queue.setConfig("backoff_base", 0);
    await enqueue({ id: "a" });
    const seat = await join();
    await seat.settle(keyOf((await claimed(seat)).job), FAILED, false);
    await (await again()).edit(["a"], { command: "echo edited" });
    const second = await waitUntil("the second run", () => tryClaim(seat));
    assert.equal(second.job.command, "echo edited");
    await seat.settle(keyOf(second.job), FAILED, false);
    const [job] = await queue.get(["a"]);
    assert.deepEqual([job!.attempts, job!.history!.length, job!.command], [2, 2, "echo edited"]);
  },

  "a run without a heartbeat is given to another, as a worker that was lost": async (
    { queue, enqueue, join, again },
  ) => {
    await queue.setConfig("lease_seconds", 1);
    await queue.setConfig("backoff_base", 0);
    await enqueue({ id: "a", max_retries: 1 });
    const frozen = await join();
    const { job } = await claimed(frozen);
    const other = await again();
    const seat = await other.join("worker-healthy");
    const second = await waitUntil("the second run", async () => {
      await recover(other, [seat.id], Date.now, () => {});
      return await tryClaim(seat);
    }, 20);
    assert.deepEqual([second.job.id, second.job.attempts], ["a", 2]);
    assert.match(second.job.history!.at(-1)!.error!, /worker lost/);
    assert.equal((await frozen.settle(keyOf(job), OK, false)).job, undefined, "it comes too late");
    assert.equal(await frozen.renew(keyOf(job)), false);
    await seat.settle(keyOf(second.job), OK, false);
    const [ended] = await queue.get(["a"]);
    assert.deepEqual([ended!.state, ended!.history!.length], ["completed", 2]);
    await seat.leave();
  },
};
