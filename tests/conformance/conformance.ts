/** What every queue must do, whatever keeps it: the same cases for files and for servers. */
import assert from "node:assert/strict";
import type { HistoryEntry, NewJob } from "../../src/model/job.ts";
import type { Location } from "../../src/model/location.ts";
import type { Finished, Log, Queue } from "../../src/model/queue.ts";
import type { Claim, ClaimedJob, Seat } from "../../src/model/seat.ts";
import type { Outcome } from "../../src/model/transitions.ts";
import { openQueue } from "../../src/open_queue.ts";
import { recover } from "../../src/worker/recover.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Hands over a queue's location that nobody has used before. */
type WithLocation = (work: (location: Location) => Promise<void>) => Promise<void>;

/** A queue, and what a case needs to do with it. */
interface Case {
  readonly queue: Queue;
  readonly location: Location;
  readonly finished: Finished[];
  /** The same queue, opened once more, as by another process. */
  again(): Promise<Queue>;
  /** Takes a place as a worker. */
  join(): Promise<Seat>;
  /** Enqueues jobs; returns their ids. */
  enqueue(...jobs: readonly Partial<NewJob>[]): Promise<readonly string[]>;
}

const OK: Outcome = { kind: "exited", exit_code: 0 };
const FAILED: Outcome = { kind: "exited", exit_code: 3, last_line: "oh no" };

const CASES: Readonly<Record<string, (given: Case) => Promise<void>>> = {
  "a job is there as it was given, and survives that the queue is closed": async (
    { enqueue, again },
  ) => {
    const job = {
      id: "a:1",
      command: "echo 'ä' \"$X\" | cat",
      max_retries: 7,
      priority: 5,
      run_at: "2099-01-01T00:00:00.000Z",
      timeout_seconds: 12,
      cwd: "/tmp",
      env: { X: "y z" },
      tags: ["t1", "t2"],
    };
    await enqueue(job);
    const [found] = await (await again()).resolve(["a:1"]);
    const { state, attempts, created_at, updated_at, seq, ...rest } = found!;
    assert.deepEqual(rest, job);
    assert.deepEqual([state, attempts], ["pending", 0]);
    assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000);
    assert.equal(created_at, updated_at);
    assert.ok(Number.isSafeInteger(seq));
  },

  "made ids are different, numbers are ids too, and an id is there once": async (
    { queue, enqueue },
  ) => {
    const made = await enqueue({}, {}, {});
    assert.equal(new Set(made).size, 3);
    await enqueue({ id: "42" });
    await refused(() => enqueue({ id: "42" }), "conflict", /exists already/);
    await refused(() => enqueue({ id: "new" }, { id: "42" }), "conflict", /exists already/);
    await refused(() => enqueue({ id: "x" }, { id: "x" }), "conflict", /given twice/);
    const { ids } = await queue.enqueue([{ id: "42", command: "other" }], { ifAbsent: true });
    assert.deepEqual(ids, ["42"]);
    assert.deepEqual((await queue.list({})).total, 4, "nothing of what was refused is there");
    assert.equal((await queue.resolve(["42"]))[0]!.command, "true");
  },

  "ids can be shortened, to what only one job has": async ({ queue, enqueue }) => {
    await enqueue({ id: "build-1" }, { id: "build-2" }, { id: "test" });
    assert.equal((await queue.resolve(["te"]))[0]!.id, "test");
    await refused(() => queue.resolve(["build"]), "conflict", /could be/);
    await refused(() => queue.resolve(["nothing"]), "not_found", /no job 'nothing'/);
    await refused(() => queue.resolve([""]), "not_found", /no job/);
  },

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
    const [running] = await queue.resolve(["a"]);
    assert.deepEqual([running!.state, running!.run, running!.worker], [
      "processing",
      job.run,
      seat.id,
    ]);
    assert.equal((await queue.status()).counts.processing, 1);
    await seat.settle(keyOf(job), OK, false);
    const [ended] = await queue.resolve(["a"]);
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
    assert.equal((await queue.resolve(["a"]))[0]!.state, "failed");
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
    const [waiting] = await queue.resolve(["a"]);
    assert.deepEqual([waiting!.state, waiting!.run_at], ["failed", failed!.run_at]);
    const second = await waitUntil("its second run", () => tryClaim(seat));
    assert.ok(Date.now() >= Date.parse(failed!.run_at!), "it came before its time");
    assert.equal(second.job.attempts, 2);
    await seat.settle(keyOf(second.job), FAILED, false);
    const [dead] = await queue.resolve(["a"]);
    assert.deepEqual([dead!.state, dead!.attempts, dead!.history!.length], ["dead", 2, 2]);
    assert.equal((await queue.status()).counts.dead, 1);
  },

  "a run that was interrupted does not count": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "a", max_retries: 0 });
    const seat = await join();
    const { job } = await claimed(seat);
    await seat.settle(keyOf(job), { kind: "interrupted" }, false);
    const [back] = await queue.resolve(["a"]);
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
    assert.equal((await queue.resolve(["later"]))[0]!.run_at, run_at);
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

  "a job waits for those that it depends on: in a fan, in a diamond, ended or not": async (
    { enqueue, join },
  ) => {
    await enqueue({ id: "top" });
    await enqueue({ id: "left", depends_on: ["top"] }, { id: "right", depends_on: ["top"] });
    await enqueue({ id: "bottom", depends_on: ["left", "right"] });
    const seat = await join();
    assert.deepEqual(await drain(seat, 4), ["top", "left", "right", "bottom"]);
    await enqueue({ id: "after", depends_on: ["bottom"] });
    assert.deepEqual(await drain(seat, 1), ["after"]);
  },

  "a job that waits for one that runs is left in peace": async ({ enqueue, join }) => {
    await enqueue({ id: "runs" }, { id: "waits", depends_on: ["runs"] });
    const seat = await join();
    const { job } = await claimed(seat);
    for (let looks = 0; looks < 2; looks++) {
      const nothing = await (await join()).claim();
      assert.ok(nothing.kind === "nothing" && nothing.unfinished === 2);
      assert.ok((nothing.nextDue ?? Infinity) > Date.now() + 1_000, "it looks again at once");
    }
    await seat.settle(keyOf(job), OK, false);
    assert.deepEqual(await drain(seat, 1), ["waits"]);
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
    const [job] = await queue.resolve(["a"]);
    assert.deepEqual([job!.attempts, job!.history!.length, job!.command], [2, 2, "echo edited"]);
  },

  "a job whose dependency died or was cancelled is dead, and can come back with it": async (
    { queue, enqueue, join },
  ) => {
    await enqueue({ id: "a", max_retries: 0 }, { id: "b", depends_on: ["a"] }, {
      id: "c",
      depends_on: ["b"],
    });
    const seat = await join();
    const { job } = await claimed(seat);
    await seat.settle(keyOf(job), FAILED, false);
    const dead = await waitUntil("their end", async () => {
      // On a server those that wait may find out at their next look.
      assert.equal((await seat.claim()).kind, "nothing");
      const jobs = await queue.resolve(["a", "b", "c"]);
      return jobs.every(({ state }) => state === "dead") && jobs;
    });
    assert.match(dead[1]!.error!, /dependency 'a' is dead/);
    await enqueue({ id: "d" }, { id: "e", depends_on: ["d"] });
    const { buried } = await queue.cancel(["d"]);
    assert.deepEqual(buried, ["e"]);
    assert.equal((await queue.resolve(["e"]))[0]!.state, "dead");
    await refused(
      () => queue.retryDead(["b"], { withDependents: false }),
      "conflict",
      /depends on 'a'/,
    );
    const back = await queue.retryDead(["a"], { withDependents: true });
    assert.deepEqual(back.map(({ id }) => id).sort(), ["a", "b", "c"]);
    assert.deepEqual(await drain(seat, 3), ["a", "b", "c"]);
  },

  "nobody can wait for a job that is not there, or in a circle": async ({ queue, enqueue }) => {
    await refused(() => enqueue({ id: "a", depends_on: ["nobody"] }), "not_found", /nobody/);
    await refused(
      () => enqueue({ id: "a", depends_on: ["b"] }, { id: "b", depends_on: ["a"] }),
      "usage",
      /circle/,
    );
    assert.equal((await queue.list({})).total, 0);
  },

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
    assert.equal((await queue.resolve(["a"]))[0]!.state, "cancelled");
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
    const [ended] = await queue.resolve(["a"]);
    assert.deepEqual([ended!.state, ended!.run], ["cancelled", undefined]);
    await queue.retry(["a"], { force: false, withDependents: false });
    assert.deepEqual(await drain(seat), ["a"]);
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
    assert.equal((await queue.resolve(["a"]))[0]!.history!.length, 3);
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
    const [retried] = await queue.resolve(["b"]);
    assert.deepEqual([retried!.state, retried!.attempts], ["pending", 0]);
    await drain(seat, 2, FAILED);
    assert.equal((await queue.deleteDead(undefined)).length, 2);
    assert.equal((await queue.list({})).total, 1);
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
    assert.equal((await queue.resolve(["a"]))[0]!.max_retries, 9);
    const other = await again();
    assert.deepEqual((await other.config()).stored, { max_retries: 9 });
    await other.unsetConfig("max_retries");
    await waitUntil("the change", async () => (await queue.config()).complete.max_retries === 3);
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
    const [ended] = await queue.resolve(["a"]);
    assert.deepEqual([ended!.state, ended!.history!.length], ["completed", 2]);
    await seat.leave();
  },

  "what waits for a job that begins anew waits on": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "first" });
    const seat = await join();
    assert.deepEqual(await drain(seat, 1), ["first"]);
    await enqueue({ id: "second", depends_on: ["first"] });
    await queue.retry(["first"], { force: true, withDependents: false });
    assert.deepEqual(await drain(seat, 2), ["first", "second"]);
  },

  "what waits for a job that dies with its worker can never run": async (
    { queue, enqueue, join, again, finished },
  ) => {
    await queue.setConfig("on_finish", "true");
    await enqueue({ id: "a", max_retries: 0 }, { id: "b", depends_on: ["a"] });
    const { job } = await claimed(await join());
    await (await again()).settleLost(keyOf(job));
    const [a, b] = await queue.resolve(["a", "b"]);
    assert.deepEqual([a!.state, b!.state], ["dead", "dead"]);
    const told = finished.flatMap(({ jobs }) => jobs.map(({ id }) => id));
    assert.deepEqual(told.sort(), ["a", "b"]);
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
    const [{ run }] = (await queue.resolve(["a"]))[0]!.history! as [HistoryEntry];
    await assert.rejects(() => queue.takeOverLog("a", run, logOf(1)), /cut off/);
    for (let again = 0; again < 2; again++) await queue.takeOverLog("a", run, logOf(Infinity));
    assert.equal(await read(queue, "a", { run }), new TextDecoder().decode(output));
  },
};

/** Runs every case. */
export function testConformance(name: string, withLocation: WithLocation): void {
  for (const [sentence, body] of Object.entries(CASES)) {
    Deno.test({
      name: `${name}: ${sentence}`,
      // Connections to a server end when it says so, which is after the test.
      sanitizeOps: name === "files",
      sanitizeResources: name === "files",
      fn: () => withLocation((location) => withCase(location, body)),
    });
  }
}

async function withCase(location: Location, body: (given: Case) => Promise<void>): Promise<void> {
  const finished: Finished[] = [];
  const opened: Queue[] = [];
  const seats: Seat[] = [];
  const open = async (): Promise<Queue> => {
    const queue = await openQueue(location, {
      clock: Date.now,
      random: () => 0.5,
      warn: () => {},
      onFinished: (told) => finished.push(told),
      purpose: "command",
    });
    opened.push(queue);
    return queue;
  };
  const queue = await open();
  const join = async (): Promise<Seat> => {
    const seat = await queue.join(`worker-${seats.length}`);
    seats.push(seat);
    return seat;
  };
  const enqueue = async (...jobs: readonly Partial<NewJob>[]): Promise<readonly string[]> => {
    const complete = jobs.map((job) => ({ command: "true", ...job }));
    return (await queue.enqueue(complete, { ifAbsent: false })).ids;
  };
  try {
    await body({ queue, location, finished, again: open, join, enqueue });
  } finally {
    for (const seat of seats) await seat.leave();
    for (const each of opened.reverse()) await each.close();
  }
}

function keyOf({ id, run }: ClaimedJob["job"]): { id: string; run: string } {
  return { id, run: run! };
}

async function tryClaim(seat: Seat): Promise<ClaimedJob | undefined> {
  const claim: Claim = await seat.claim();
  return claim.kind === "job" ? claim : undefined;
}

async function claimed(seat: Seat): Promise<ClaimedJob> {
  const claim = await tryClaim(seat);
  assert.ok(claim, "there is nothing to claim");
  return claim;
}

/**
 * Runs jobs, in no time, until there are none.
 *
 * @param count that there must be so many; waits for them
 * @returns their ids, in order
 */
async function drain(seat: Seat, count?: number, outcome = OK): Promise<readonly string[]> {
  const ids: string[] = [];
  while (count === undefined || ids.length < count) {
    const claim = count === undefined
      ? await tryClaim(seat)
      : await waitUntil(`job ${ids.length + 1} of ${count}`, () => tryClaim(seat));
    if (!claim) break;
    ids.push(claim.job.id);
    await seat.settle(keyOf(claim.job), outcome, false);
  }
  return ids;
}

async function read(
  queue: Queue,
  id: string,
  filter: Parameters<Queue["findLog"]>[1],
): Promise<string> {
  const { log } = (await queue.findLog(id, filter))!;
  return new TextDecoder().decode(await log.read(0, await log.size() ?? 0));
}

async function refused(
  work: () => Promise<unknown>,
  code: string,
  message: RegExp,
): Promise<void> {
  await assert.rejects(work, (error: Error & { code?: string }) => {
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
}
