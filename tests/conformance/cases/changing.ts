/** People change what is in the queue. */
import assert from "node:assert/strict";
import { isEnded } from "../../../src/model/job.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { type Cases, claimed, drain, FAILED, keyOf, OK, refused, tryClaim } from "../case.ts";

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const CHANGING: Cases = {
  "a job that waits is cancelled at once, and can be retried": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a" }, { id: "b", run_at: "2099-01-01T00:00:00.000Z" });
    await queue.cancel(["a", "b"]);
    const { counts } = await queue.status();
    assert.deepEqual([counts.cancelled, counts.pending], [2, 0]);
    await refused(
      () => queue.cancel(["a"]),
      "conflict",
      /cannot cancel job 'a' as it is cancelled/,
    );
    const seat = await join();
    assert.equal((await seat.claim()).kind, "nothing");
    await queue.retry(["a"], { force: false, withDependents: false });
    assert.deepEqual(await drain(seat), ["a"]);
  },

  "a job that runs is cancelled by its worker, wherever that is": async (
    { queue, enqueue, join, again },
  ) => {
    await enqueue({ id: "a" });
    const seat = await join();
    const { job } = await claimed(seat);
    await (await again()).cancel(["a"]);
    assert.equal((await queue.get(["a"]))[0]!.state, "cancelled");
    const asked = await waitUntil("the request", async () => {
      const requests = await queue.requests([seat.id]);
      return requests.length > 0 && requests;
    });
    assert.deepEqual(asked, [{ kind: "cancel", worker: seat.id, run: job.run }]);
    await refused(
      () => queue.retry(["a"], { force: false, withDependents: false }),
      "conflict",
      /has not ended yet/,
    );
    const { job: after } = await seat.settle(keyOf(job), { kind: "interrupted" }, false);
    assert.equal(after?.state, "cancelled");
    const [ended] = await queue.get(["a"]);
    assert.deepEqual([ended!.state, ended!.run], ["cancelled", undefined]);
    await queue.retry(["a"], { force: false, withDependents: false });
    assert.deepEqual(await drain(seat), ["a"]);
  },

  "a job that is cancelled while its run is ended for its timeout is cancelled": async (
    { queue, enqueue, join, finished },
  ) => {
    await queue.setConfig("on_finish", "true");
    await enqueue({ id: "a", max_retries: 0 }, { id: "b" });
    const seat = await join();
    for (const id of ["a", "b"]) {
      const { job } = await claimed(seat);
      await queue.cancel([id]);
      await seat.settle(keyOf(job), { kind: "timed_out", after_seconds: 1 }, false);
      const [ended] = await queue.get([id]);
      assert.deepEqual([ended!.state, ended!.run, ended!.history?.length], [
        "cancelled",
        undefined,
        1,
      ]);
    }
    const told = finished.flatMap(({ jobs }) => jobs.map((job) => `${job.id} ${job.state}`));
    assert.deepEqual(told, ["a cancelled", "b cancelled"]);
    assert.equal((await seat.claim()).kind, "nothing");
  },

  "a failed job that is cancelled as a worker takes it again has the runs that there were": async (
    { queue, enqueue, join, finished, again },
  ) => {
    await queue.setConfig("on_finish", "true");
    await queue.setConfig("backoff_base", 0.02);
    const other = await again();
    const seat = await join();
    const rounds = 12;
    const ran = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const [id] = await enqueue({ max_retries: 9 });
      const first = await claimed(seat);
      await seat.settle(keyOf(first.job), FAILED, false);
      const cancelling = pause(round + 10).then(() => other.cancel([id!]));
      ran.set(id!, 1);
      await waitUntil("the cancel", async () => {
        const again = await tryClaim(seat);
        if (again) {
          ran.set(id!, ran.get(id!)! + 1);
          await seat.settle(keyOf(again.job), { kind: "interrupted" }, false);
        }
        return (await queue.get([id!]))[0]!.state === "cancelled";
      });
      await cancelling;
      while (await tryClaim(seat)) assert.fail("a cancelled job ran");
    }
    const { jobs } = await queue.list({});
    for (const { id, state, history = [] } of jobs) {
      assert.equal(state, "cancelled");
      assert.equal(history.length, ran.get(id));
    }
    const told = finished.flatMap((each) => each.jobs.map(({ id }) => id));
    assert.deepEqual(told.toSorted(), [...ran.keys()].toSorted());
  },

  "retry: a failed job now, a completed one only with force": async ({ queue, enqueue, join }) => {
    await queue.setConfig("backoff_base", 100);
    await enqueue({ id: "a" });
    const seat = await join();
    await seat.settle(keyOf((await claimed(seat)).job), FAILED, false);
    await queue.retry(["a"], { force: false, withDependents: false });
    const second = await claimed(seat);
    assert.equal(second.job.attempts, 2, "it goes on counting");
    await seat.settle(keyOf(second.job), OK, false);
    await refused(
      () => queue.retry(["a"], { force: false, withDependents: false }),
      "conflict",
      /as it is completed/,
    );
    await queue.retry(["a"], { force: true, withDependents: false });
    const third = await claimed(seat);
    assert.equal(third.job.attempts, 1, "it begins from zero");
    await seat.settle(keyOf(third.job), OK, false);
    assert.equal((await queue.get(["a"]))[0]!.history!.length, 3);
  },

  "of jobs that may be unfit the others are changed": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "done" }, { id: "dies", max_retries: 0 }, { id: "runs" }, { id: "waits" });
    const seat = await join();
    const names = ["done", "dies", "runs", "waits", "gone"];
    await seat.settle(keyOf((await claimed(seat)).job), OK, false);
    await seat.settle(keyOf((await claimed(seat)).job), FAILED, false);
    const { job: running } = await claimed(seat);
    const ids = (jobs: readonly { id: string }[]): readonly string[] => jobs.map(({ id }) => id);
    await refused(() => queue.cancel(names), "not_found", /gone/);
    const how = { force: false, withDependents: false };
    assert.deepEqual(ids(await queue.retry(names, how, "leave")), ["dies"]);
    const { jobs } = await queue.cancel(["done", "dies", "waits", "gone"], "leave");
    assert.deepEqual(ids(jobs), ["dies", "waits"]);
    assert.deepEqual(ids(await queue.delete(names, "leave")), ["done", "dies", "waits"]);
    await seat.settle(keyOf(running), OK, false);
    assert.deepEqual(ids((await queue.list({})).jobs), ["runs"]);
  },

  "of two who cancel a job at once one may be refused, and it is cancelled": async (
    { queue, enqueue, again },
  ) => {
    const other = await again();
    const rounds = 12;
    for (let round = 0; round < rounds; round++) {
      const [a, b] = await enqueue(
        { id: `a${round}`, run_at: "2099-01-01T00:00:00Z" },
        { id: `b${round}`, depends_on: [`a${round}`] },
      );
      const ends = await Promise.allSettled([
        queue.cancel([a!]),
        // The second comes a little later each time: at any step of the first.
        pause(round).then(() => other.cancel(round % 2 === 0 ? [a!] : [b!])),
      ]);
      assert.ok(ends.some(({ status }) => status === "fulfilled"));
      for (const end of ends) {
        if (end.status === "rejected") assert.match(String(end.reason), /just changed|as it is/);
      }
    }
    const { jobs, total } = await queue.list({});
    assert.equal(total, 2 * rounds);
    for (const { id, state } of jobs) {
      assert.ok(id.startsWith("b") ? isEnded(state) : state === "cancelled", `${id} ${state}`);
    }
    const { counts } = await queue.status();
    assert.equal(Object.values(counts).reduce((sum, count) => sum + count), total);
  },

  "a job that is deleted while it is cancelled does not rise again": async (
    { queue, enqueue, again },
  ) => {
    const other = await again();
    for (let round = 0; round < 12; round++) {
      const [id] = await enqueue({ run_at: "2099-01-01T00:00:00Z" });
      const [cancelled, deleted] = await Promise.allSettled([
        queue.cancel([id!]),
        pause(round).then(() => other.delete([id!])),
      ]);
      assert.ok([cancelled, deleted].some(({ status }) => status === "fulfilled"));
      const { jobs } = await queue.list({});
      const expected = deleted.status === "fulfilled" ? [] : [id];
      assert.deepEqual(jobs.map((job) => job.id), expected);
      await queue.delete([id!], "leave");
    }
    assert.equal((await queue.list({})).total, 0);
  },

  "who cancels whatever can be cancelled is not stopped by what begins meanwhile": async (
    { queue, enqueue, join },
  ) => {
    const jobs = Array.from({ length: 60 }, (_, index) => ({ priority: index }));
    // However fast they are run, one is left.
    const ids = await enqueue(...jobs, { run_at: "2099-01-01T00:00:00.000Z" });
    const seat = await join();
    const running = drain(seat);
    const { jobs: cancelled } = await queue.cancel(ids, "leave");
    await running;
    await waitUntil("the ends", async () => {
      await drain(seat);
      const { counts } = await queue.status();
      return counts.pending + counts.processing === 0;
    });
    const { counts } = await queue.status();
    assert.equal(counts.completed + counts.cancelled, ids.length);
    const told = `${cancelled.length} told of, ${counts.cancelled} cancelled`;
    assert.ok(cancelled.length >= counts.cancelled && counts.cancelled > 0, told);
    // What was run has not become what was never run.
    const { jobs: ended } = await queue.list({ states: ["cancelled"] });
    assert.ok(ended.every(({ attempts, history = [] }) => attempts === history.length));
  },

  "a job that was revived is not deleted, and one that was deleted is not revived": async (
    { queue, enqueue, join, again },
  ) => {
    const seat = await join();
    const other = await again();
    for (let round = 0; round < 10; round++) {
      const [id] = await enqueue({ id: `job-${round}`, max_retries: 0 });
      if (round % 2 === 0) await drain(seat, 1, FAILED);
      else await queue.cancel([id!]);
      const tries = [
        () => queue.retry([id!], { force: false, withDependents: false }),
        () => other.retry([id!], { force: false, withDependents: false }),
        () => other.delete([id!]),
        () =>
          queue.prune({
            states: ["dead", "cancelled"],
            endedBefore: Number.MAX_SAFE_INTEGER,
            workerLogs: false,
            dryRun: false,
          }).then((gone) => assert.ok(gone.length > 0)),
      ];
      const done = await Promise.all(tries.map((each) => each().then(() => true, () => false)));
      const { jobs } = await queue.list({});
      const revived = done.slice(0, 2).filter(Boolean).length;
      assert.ok(revived <= 1, "revived twice");
      // One that was revived first may be deleted then, as it waits; one that is gone cannot be revived.
      assert.ok(jobs.length === 0 || revived === 1, `${done}`);
      assert.ok(jobs.length === 1 || done[2] || done[3], `${done}`);
      if (jobs.length === 1) await queue.delete([id!]);
    }
  },

  "a job that waits can be edited": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a", max_retries: 5 }, { id: "b", run_at: "2099-01-01T00:00:00.000Z" }, {
      id: "c",
    });
    await queue.edit(["a"], { command: "echo other", max_retries: 0, priority: -1 });
    await queue.edit(["b"], { run_at: new Date(0).toISOString() });
    await queue.edit(["c"], { run_at: "2099-01-01T00:00:00.000Z" });
    const seat = await join();
    const first = await claimed(seat);
    assert.equal(first.job.id, "b");
    await refused(() => queue.edit(["b"], { command: "x" }), "conflict", /as it is processing/);
    await seat.settle(keyOf(first.job), OK, false);
    const second = await claimed(seat);
    assert.deepEqual([second.job.id, second.job.command], ["a", "echo other"]);
    const { job } = await seat.settle(keyOf(second.job), FAILED, false);
    assert.equal(job?.state, "dead");
    assert.equal((await seat.claim()).kind, "nothing");
  },

  "jobs are deleted, but not while they run or others wait for them": async (
    { queue, enqueue, join },
  ) => {
    await enqueue({ id: "a" }, { id: "b" }, { id: "c", depends_on: ["b"] });
    const seat = await join();
    const { job } = await claimed(seat);
    await refused(() => queue.delete(["a"]), "conflict", /as it runs/);
    await refused(() => queue.deleteAll(), "conflict", /runs/);
    await refused(() => queue.delete(["b"]), "conflict", /waits for it/);
    await seat.settle(keyOf(job), OK, false);
    await queue.delete(["b", "c"]);
    assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["a"]);
    await enqueue({ id: "b" });
    await queue.cancel(["b"]);
    assert.equal((await queue.deleteAll()).length, 2);
    assert.equal((await queue.list({})).total, 0);
    await enqueue({ id: "a" });
    assert.deepEqual(await drain(seat), ["a"]);
  },

  "the DLQ is emptied by its own verbs": async ({ queue, enqueue, join }) => {
    await enqueue(...["a", "b", "c"].map((id) => ({ id, max_retries: 0 })), { id: "ok" });
    const seat = await join();
    await drain(seat, 3, FAILED);
    await drain(seat, 1);
    await refused(
      () => queue.retryDead(["ok"], { withDependents: false }),
      "conflict",
      /not in the dead/,
    );
    await refused(() => queue.deleteDead(["ok"]), "conflict", /not in the dead/);
    await queue.deleteDead(["a"]);
    assert.equal((await queue.retryDead(undefined, { withDependents: false })).length, 2);
    const [retried] = await queue.get(["b"]);
    assert.deepEqual([retried!.state, retried!.attempts], ["pending", 0]);
    await drain(seat, 2, FAILED);
    assert.equal((await queue.deleteDead(undefined)).length, 2);
    assert.equal((await queue.list({})).total, 1);
  },

  "what was not completed is not pruned from under what depends on it": async (
    { queue, enqueue },
  ) => {
    await enqueue({ id: "a" }, { id: "b", depends_on: ["a"] }, { id: "c", depends_on: ["b"] });
    await queue.cancel(["a"]);
    const all = { endedBefore: Date.now() + 3_600_000, workerLogs: false, dryRun: false };
    assert.deepEqual(await queue.prune({ ...all, states: ["cancelled"] }), []);
    assert.deepEqual(await queue.prune({ ...all, states: ["cancelled"], limit: 1 }), []);
    await refused(
      () => queue.retry(["b"], { force: false, withDependents: false }),
      "conflict",
      /depends on 'a'/,
    );
    const gone = await queue.prune({ ...all, states: ["cancelled", "dead"] });
    assert.deepEqual(gone.map(({ id }) => id).sort(), ["a", "b", "c"]);
  },

  "what ended long ago is pruned": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a", tags: ["x"] }, { id: "b" }, { id: "c" }, { id: "waits" });
    await queue.cancel(["c"]);
    const seat = await join();
    await drain(seat, 2);
    const filter = { states: ["completed", "cancelled"] as const, workerLogs: false };
    const before = { ...filter, endedBefore: Date.now() - 60_000, dryRun: false };
    assert.deepEqual(await queue.prune(before), []);
    const now = { ...filter, endedBefore: Date.now() + 60_000 };
    assert.equal((await queue.prune({ ...now, dryRun: true })).length, 3);
    assert.equal((await queue.prune({ ...now, tags: ["x"], dryRun: false }))[0]!.id, "a");
    assert.equal((await queue.prune({ ...now, dryRun: false })).length, 2);
    assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["waits"]);
  },

  "an occurrence of a schedule is enqueued once, however many look": async ({ queue, again }) => {
    const other = await again();
    await queue.addSchedule({
      name: "often",
      cron: "* * * * * *",
      time_zone: "UTC",
      missed: "all",
      job: { command: "true" },
    }, { replace: false });
    await refused(
      () =>
        queue.addSchedule({
          name: "often",
          cron: "* * * * *",
          time_zone: "UTC",
          missed: "all",
          job: { command: "true" },
        }, { replace: false }),
      "conflict",
      /already/,
    );
    await waitUntil("two occurrences", async () => {
      await Promise.all([queue.fireSchedules(), other.fireSchedules()]);
      return (await queue.list({})).total >= 2;
    });
    await queue.pauseSchedules(["often"], true);
    const { jobs } = await queue.list({});
    assert.equal(new Set(jobs.map(({ id }) => id)).size, jobs.length);
    assert.deepEqual((await queue.schedules()).map(({ name, paused }) => [name, paused]), [[
      "often",
      true,
    ]]);
    await queue.removeSchedules(["often"]);
    assert.deepEqual(await queue.schedules(), []);
    await refused(() => queue.removeSchedules(["often"]), "not_found", /often/);
  },

  "what people do to a schedule in the instant of an occurrence stays": async (
    { queue, again },
  ) => {
    const other = await again();
    const add = (name: string): Promise<unknown> => {
      const schedule = {
        name,
        cron: "0 3 1 1 *",
        time_zone: "UTC",
        missed: "once",
        job: { command: "true" },
      } as const;
      return queue.addSchedule(schedule, {
        replace: false,
        next_run: new Date(Date.now() - 1_000).toISOString(),
      });
    };
    for (let round = 0; round < 10; round++) {
      const [paused, removed] = [`paused-${round}`, `removed-${round}`];
      await add(paused);
      await Promise.all([other.fireSchedules(), queue.pauseSchedules([paused], true)]);
      await add(removed);
      await Promise.all([other.fireSchedules(), queue.removeSchedules([removed])]);
    }
    const schedules = await queue.schedules();
    assert.equal(schedules.length, 10);
    assert.ok(schedules.every((schedule) => schedule.paused));
    const { total } = await queue.list({});
    assert.deepEqual(await other.fireSchedules(), []);
    assert.equal((await queue.list({})).total, total);
  },

  "a schedule that has fired goes on from there, and anew when it is replaced": async (
    { queue, again },
  ) => {
    const other = await again();
    const schedule = {
      name: "yearly",
      cron: "0 3 1 1 *",
      time_zone: "UTC",
      missed: "once",
      job: { command: "true" },
    } as const;
    const late = new Date(Date.now() - 20_000).toISOString();
    await queue.addSchedule(schedule, { replace: false, next_run: late });
    assert.equal((await queue.fireSchedules()).length, 1);
    const [first] = await other.schedules();
    assert.match(first!.next_run!, /-01-01T03:00:00.000Z$/);
    assert.deepEqual(await other.fireSchedules(), []);
    const later = new Date(Date.now() - 2_000).toISOString();
    await queue.addSchedule(schedule, { replace: true, next_run: later });
    assert.equal((await other.schedules())[0]!.next_run, later);
    assert.equal((await other.fireSchedules()).length, 1);
  },

  "after a move that was cut off schedules rest until the queue is resumed, and then no pause stops them":
    async (
      { queue },
    ) => {
      const hold = await queue.holdForMove();
      await hold.note("paused");
      await queue.setPaused(true);
      await refused(() => queue.setPaused(false), "conflict", /another `migrate` moves the jobs/);
      await hold.release();
      const fireOne = async (name: string): Promise<number> => {
        const schedule = { name, cron: "0 3 1 1 *", time_zone: "UTC", missed: "once" } as const;
        const next_run = new Date(Date.now() - 2_000).toISOString();
        const options = { replace: false, next_run };
        await queue.addSchedule({ ...schedule, job: { command: "true" } }, options);
        return (await queue.fireSchedules()).length;
      };
      assert.equal(await fireOne("first"), 0);
      await queue.setPaused(false);
      assert.equal((await queue.fireSchedules()).length, 1);
      await queue.setPaused(true);
      assert.equal(await fireOne("second"), 1);
    },
};
