/** Whole jobs go from one queue to another. */
import assert from "node:assert/strict";
import type { HistoryEntry } from "../../../src/model/job.ts";
import type { Log } from "../../../src/model/log.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { type Cases, drain, FAILED, read, refused } from "../case.ts";

export const MOVING: Cases = {
  "whole records are taken over, and handed over": async ({ queue, enqueue, join, again }) => {
    await enqueue({ id: "old" }, { id: "dead", max_retries: 0 }, { id: "off" }, {
      id: "new",
      priority: 3,
    });
    await enqueue({ id: "dep", depends_on: ["new"] });
    await queue.setPaused(true);
    await queue.setPaused(false);
    await queue.edit(["new"], { run_at: "2099-01-01T00:00:00.000Z" });
    const seat = await join();
    await drain(seat, 1);
    await drain(seat, 1, FAILED);
    await queue.cancel(["off"]);
    const { jobs } = await queue.list({});
    const { updated_at: _before, ...first } = jobs[0]!;
    const older = { ...first, updated_at: new Date(0).toISOString() };
    assert.deepEqual(await queue.handOver([older]), [], "one that has changed since stays");
    assert.deepEqual(await queue.handOver(jobs), []);
    assert.equal((await queue.list({})).total, 0);
    assert.deepEqual(await queue.handOver([first as typeof older]), [first.id]);
    const inOrder = jobs.toSorted((a, b) => a.seq - b.seq);
    await queue.takeOver(inOrder, { dryRun: true });
    assert.equal((await queue.list({})).total, 0);
    await queue.takeOver(inOrder, { dryRun: false });
    await queue.takeOver(inOrder, { dryRun: false });
    const back = (await (await again()).list({})).jobs.toSorted((a, b) => a.seq - b.seq);
    assert.deepEqual(
      back.map(({ seq: _, ...job }) => job),
      inOrder.map(({ seq: _, ...job }) => job),
    );
    const [some] = inOrder;
    await refused(
      () =>
        queue.takeOver([{ ...some!, created_at: "2001-01-01T00:00:00.000Z" }], { dryRun: true }),
      "conflict",
      /another job/,
    );
    await queue.retryDead(["dead"], { withDependents: false });
    assert.deepEqual(await drain(seat, 1), ["dead"]);
  },

  "no schedule fires while a queue is moved, also when that was cut off, until it is resumed":
    async (
      { queue },
    ) => {
      const schedule = {
        name: "s",
        cron: "* * * * *",
        time_zone: "UTC",
        missed: "once",
        job: { command: "true" },
      } as const;
      const next_run = "2020-01-01T00:00:00.000Z";
      for (const note of ["paused", "moving"] as const) {
        await queue.addSchedule(schedule, { replace: true, next_run });
        const hold = await queue.holdForMove();
        assert.equal(await hold.noted(), undefined);
        await hold.note(note);
        await queue.setPaused(true);
        assert.deepEqual(await queue.fireSchedules(), []);
        await hold.release();
        assert.deepEqual(await queue.fireSchedules(), [], "it was cut off");
        const next = await queue.holdForMove();
        assert.equal(await next.noted(), note);
        await queue.setPaused(false, "move");
        await next.note(undefined);
        await next.release();
        const [id] = await queue.fireSchedules();
        await queue.delete([id!]);
      }
    },

  "jobs that are taken over are still held together by what they depend on": async (
    { queue, enqueue, join },
  ) => {
    await enqueue({ id: "a", max_retries: 0 }, { id: "b", depends_on: ["a"] });
    const seat = await join();
    await drain(seat, 1, FAILED);
    const jobs = await waitUntil("both ends", async () => {
      // On a server those that wait may find out at their next look.
      await seat.claim();
      const { jobs } = await queue.list({ states: ["dead"] });
      return jobs.length === 2 && jobs;
    });
    await queue.handOver(jobs);
    await queue.takeOver(jobs, { dryRun: false });
    const filter = {
      states: ["dead"],
      endedBefore: Infinity,
      workerLogs: false,
      dryRun: true,
    } as const;
    const [first] = await queue.prune({ ...filter, limit: 1 });
    assert.equal(first?.id, "b", "what depends on it goes first");
    const back = await queue.retryDead(["a"], { withDependents: true });
    assert.deepEqual(back.map(({ id }) => id).sort(), ["a", "b"]);
  },

  "the output of a run is taken over whole, also where it was cut off": async (
    { queue, enqueue, join },
  ) => {
    await enqueue({ id: "a" });
    await drain(await join(), 1);
    const output = new TextEncoder().encode("0123456789\n".repeat(50_000));
    const logOf = (limit: number): Log => ({
      size: () => Promise.resolve(output.length),
      read: (offset, length) =>
        offset < limit
          ? Promise.resolve(output.slice(offset, offset + length))
          : Promise.reject(new Error("cut off")),
    });
    const [{ run }] = (await queue.get(["a"]))[0]!.history! as [HistoryEntry];
    await assert.rejects(() => queue.takeOverLog("a", run, logOf(1)), /cut off/);
    for (let again = 0; again < 2; again++) await queue.takeOverLog("a", run, logOf(Infinity));
    assert.equal(await read(queue, "a", { run }), new TextDecoder().decode(output));
  },
};
