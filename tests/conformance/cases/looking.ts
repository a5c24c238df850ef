/** What the queue shows and tells. */
import assert from "node:assert/strict";
import type { Queue } from "../../../src/model/queue.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { type Cases, claimed, drain, FAILED, keyOf, OK, read, refused, tryClaim } from "../case.ts";

export const LOOKING: Cases = {
  "lists are filtered, in order, page by page": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a", tags: ["x"] }, { id: "b", tags: ["x", "y"] }, {
      id: "c",
      command: "echo C",
    });
    await enqueue({ id: "d", depends_on: ["a", "b"] });
    const names = async (filter: Parameters<Queue["list"]>[0]): Promise<readonly string[]> =>
      (await queue.list(filter)).jobs.map(({ id }) => id);
    assert.deepEqual(await names({}), ["d", "c", "b", "a"]);
    assert.deepEqual(await names({ tags: ["x"] }), ["b", "a"]);
    assert.deepEqual(await names({ text: "echo c" }), ["c"]);
    const page = await queue.list({ limit: 2 });
    assert.deepEqual([page.jobs.length, page.total], [2, 4]);
    assert.deepEqual(page.unmet, { d: ["a", "b"] });
    const { seq } = page.jobs.at(-1)!;
    assert.deepEqual(await names({ behind: { at: 0, seq }, limit: 2 }), ["b", "a"]);
    await drain(await join(), 1);
    assert.deepEqual(await names({ states: ["completed"] }), ["a"]);
    assert.deepEqual((await queue.list({ states: ["pending"] })).unmet, { d: ["b"] });
  },

  "settings are the same for everybody": async ({ queue, enqueue, again }) => {
    await queue.setConfig("max_retries", 9);
    await enqueue({ id: "a" });
    assert.equal((await queue.get(["a"]))[0]!.max_retries, 9);
    const other = await again();
    assert.deepEqual((await other.config()).stored, { max_retries: 9 });
    await other.unsetConfig("max_retries");
    await waitUntil("the change", async () => (await queue.config()).complete.max_retries === 3);
  },

  "workers are seen and asked to stop": async ({ queue, enqueue, again }) => {
    await enqueue({ id: "a" });
    const seat = await queue.join("worker-own");
    const { job } = await claimed(seat);
    const other = await again();
    const [worker] = await other.workers();
    assert.deepEqual(
      [worker!.id, worker!.pid, worker!.alive, worker!.stopping, worker!.job],
      [seat.id, Deno.pid, true, false, "a"],
    );
    await refused(() => other.stopWorkers(["worker-none"], false), "not_found", /no worker/);
    assert.deepEqual(await other.stopWorkers(undefined, true), [seat.id]);
    assert.equal((await other.workers())[0]!.stopping, true);
    assert.deepEqual(await queue.requests([seat.id]), [{
      kind: "stop",
      worker: seat.id,
      force: true,
      all: true,
    }]);
    assert.equal((await queue.requests([seat.id])).length, 1, "a stop is asked until it is heeded");
    await seat.settle(keyOf(job), OK, false);
    await seat.leave();
    assert.deepEqual(await other.workers(), []);
  },

  "a request wakes who waits for it, and a job too": async ({ queue, enqueue, join, again }) => {
    const seat = await join();
    const woken = { requests: 0, work: 0 };
    const watches = [
      queue.watchRequests(() => woken.requests++),
      queue.watchForWork(() => woken.work++),
    ];
    const other = await again();
    await waitUntil("the watches", () => woken.requests > 0 || undefined, 5).catch(() => {});
    const before = { ...woken };
    await other.stopWorkers([seat.id], false);
    await waitUntil("the request", () => woken.requests > before.requests);
    await enqueue({ id: "a" });
    await waitUntil("the job", () => woken.work > before.work);
    for (const watch of watches) await watch.close();
  },

  "what a run has printed can be read, by its attempt too": async (
    { queue, enqueue, join, again },
  ) => {
    await queue.setConfig("backoff_base", 0);
    await enqueue({ id: "a" });
    assert.equal(await queue.findLog("a", {}), undefined);
    const seat = await join();
    for (const [text, outcome] of [["first ä\n", FAILED], ["second\n\0\xff", OK]] as const) {
      const { job, log } = await waitUntil("a run", () => tryClaim(seat));
      await Deno.writeTextFile(log, text);
      await seat.settle(keyOf(job), outcome, false);
    }
    const other = await again();
    assert.equal(await read(other, "a", {}), "second\n\0\xff");
    assert.equal(await read(other, "a", { attempt: 1 }), "first ä\n");
    await refused(() => other.findLog("a", { attempt: 3 }), "not_found", /no attempt 3/);
    await refused(() => other.findLog("b", {}), "not_found", /no job 'b'/);
  },

  "figures are counted": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a" }, { id: "b", max_retries: 0 }, { id: "c" });
    const seat = await join();
    await drain(seat, 1);
    await drain(seat, 1, FAILED);
    const metrics = await queue.metrics();
    assert.deepEqual(metrics.runs, { total: 2, succeeded: 1, failed: 1 });
    assert.equal(metrics.throughput.last_minute, 2);
    assert.deepEqual([metrics.counts.pending, metrics.counts.dead], [1, 1]);
    const minutes = await queue.lastHour();
    assert.equal(minutes.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0), 2);
    const { oldest_waiting } = await queue.status();
    assert.equal(oldest_waiting?.id, "c");
  },

  "who is told of ended jobs is told of each": async ({ queue, enqueue, join, finished }) => {
    await queue.setConfig("on_finish", "true");
    await enqueue({ id: "a" }, { id: "b" }, { id: "c", depends_on: ["b"] });
    const seat = await join();
    await drain(seat, 1);
    await queue.cancel(["b"]);
    const told = finished.flatMap(({ jobs }) => jobs.map(({ id, state }) => `${id} ${state}`));
    assert.deepEqual(told.sort(), ["a completed", "b cancelled", "c dead"]);
    assert.equal(finished[0]!.command, "true");
  },
};
