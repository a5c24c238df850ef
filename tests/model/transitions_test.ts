import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_CONFIG } from "../../src/model/config.ts";
import { MAX_SECONDS } from "../../src/model/duration.ts";
import { isEnded, type Job, MAX_HISTORY, newRecord } from "../../src/model/job.ts";
import { parseRecord } from "../../src/model/record.ts";
import {
  buriedWith,
  cancelled,
  claimed,
  hastened,
  type Outcome,
  revived,
  settled,
  settling,
} from "../../src/model/transitions.ts";

const now = "2030-01-01T00:00:00.000Z";
const around = { now, config: DEFAULT_CONFIG, random: () => 0.5 };

function job(max_retries: number): Job {
  return newRecord({ command: "true", max_retries }, { id: "a", seq: 1, now, maxRetries: 3 });
}

function claim(pending: Job): Job {
  return claimed(pending, {
    run: `r${pending.attempts + 1}`,
    worker: "w1",
    now,
    lease_expires_at: now,
    waited_seconds: 0.5,
  });
}

const failures: readonly Outcome[] = [
  { kind: "exited", exit_code: 3, last_line: "no such thing" },
  { kind: "signalled", signal: "SIGSEGV" },
  { kind: "timed_out", after_seconds: 30 },
  { kind: "not_started", reason: "there is no directory /x" },
  { kind: "worker_lost" },
];

const outcome = fc.constantFrom<Outcome>(
  { kind: "exited", exit_code: 0 },
  { kind: "interrupted" },
  ...failures,
);

Deno.test("exit code 0 completes a job", () => {
  const done = settled(claim(job(3)), { kind: "exited", exit_code: 0 }, around);
  assert.equal(done.state, "completed");
  assert.equal(done.exit_code, 0);
  assert.equal(done.finished_at, now);
  assert.equal(done.worker, undefined);
  assert.equal(done.run, undefined);
  assert.deepEqual(done.history?.map(({ run, exit_code }) => ({ run, exit_code })), [
    { run: "r1", exit_code: 0 },
  ]);
});

Deno.test("each failure is retried after the backoff, and buried when no retry is left", () => {
  for (const failure of failures) {
    const failed = settled(claim(job(1)), failure, around);
    assert.equal(failed.state, "failed", failure.kind);
    assert.equal(failed.run_at, "2030-01-01T00:00:02.000Z");
    assert.ok(failed.error);
    const dead = settled(claim(failed), failure, around);
    assert.equal(dead.state, "dead", failure.kind);
    assert.equal(dead.run_at, undefined);
    assert.equal(dead.attempts, 2);
  }
});

Deno.test("an interrupted run does not count", () => {
  const back = settled(claim(job(0)), { kind: "interrupted" }, around);
  assert.equal(back.state, "pending");
  assert.equal(back.attempts, 0);
  assert.equal(back.finished_at, undefined);
  assert.equal(back.error, undefined);
});

Deno.test("a job that always fails has exactly one run more than it has retries", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 50 }), (max_retries) => {
    let current = job(max_retries);
    while (!isEnded(current.state)) {
      current = settled(claim(current), { kind: "exited", exit_code: 1 }, around);
    }
    assert.equal(current.state, "dead");
    assert.equal(current.attempts, max_retries + 1);
    assert.equal(current.history?.length, max_retries + 1);
  }));
});

Deno.test("whatever happens, a settled job carries nothing of its run, and a waiting one no end", () => {
  fc.assert(fc.property(fc.array(outcome, { minLength: 1, maxLength: 30 }), (outcomes) => {
    let current = job(3);
    for (const next of outcomes) {
      if (isEnded(current.state)) current = revived({ ...current, state: "dead" }, now);
      const running = claim(current);
      assert.equal(running.attempts, current.attempts + 1);
      current = settled(running, next, around);
      assert.equal(current.run ?? current.worker ?? current.lease_expires_at, undefined);
      assert.ok(current.attempts <= current.max_retries + 1);
      assert.equal(current.run_at !== undefined, current.state === "failed");
    }
  }));
});

Deno.test("cancelling ends a job in every state that has not ended, and remembers the run", () => {
  const running = cancelled(claim(job(3)), now);
  assert.equal(running.state, "cancelled");
  assert.equal(running.history?.at(-1)?.error, "cancelled");
  assert.equal(cancelled(job(3), now).history, undefined);
});

Deno.test("a revived job starts from zero and keeps its history", () => {
  const dead = settled(claim(job(0)), { kind: "exited", exit_code: 1 }, around);
  const back = revived(dead, now);
  assert.deepEqual([back.state, back.attempts, back.error], ["pending", 0, undefined]);
  assert.equal(back.history?.length, 1);
});

Deno.test("a hastened job is due at once", () => {
  const failed = settled(claim(job(3)), { kind: "exited", exit_code: 1 }, around);
  assert.deepEqual([hastened(failed, now).state, hastened(failed, now).run_at], [
    "pending",
    undefined,
  ]);
});

Deno.test("a job that can never run names the dependency that ended it", () => {
  const dependency = { ...job(0), id: "first", state: "dead" } as const;
  assert.equal(buriedWith(job(3), dependency, now).error, "dependency 'first' is dead");
});

Deno.test("the history is bounded", () => {
  let current = job(1_000_000);
  for (let run = 0; run < MAX_HISTORY + 20; run++) {
    current = settled(claim(current), { kind: "worker_lost" }, around);
  }
  assert.equal(current.history?.length, MAX_HISTORY);
  assert.equal(current.history?.at(-1)?.attempt, MAX_HISTORY + 20);
});

Deno.test("the change that a run's end makes says only what the job did not say while it went on", () => {
  const outcome = { kind: "signalled", signal: "SIGSEGV" } as const;
  const at = "2030-01-01T00:00:01.000Z";
  const error = "ended by SIGSEGV";
  const change = settling(claim(job(3)), outcome, { ...around, now: at });
  assert.deepEqual(change, {
    set: {
      id: "a",
      state: "failed",
      updated_at: at,
      finished_at: at,
      error,
      run_at: change.set.run_at,
    },
    ran: { run: "r1", signal: "SIGSEGV", error },
  });
});

Deno.test("a run that nobody knows the name of is in the history all the same", () => {
  const { run: _run, worker: _worker, ...nameless } = claim(job(3));
  const lost = settled(nameless, { kind: "worker_lost" }, around);
  assert.equal(lost.state, "failed");
  assert.deepEqual(lost.history?.map(({ run, worker }) => ({ run, worker })), [
    { run: "", worker: "" },
  ]);
});

Deno.test("a wait that a hand has made longer than any is as long as a record can say", () => {
  const run = { run: "r1", worker: "w1", now, lease_expires_at: now };
  const long = claimed(job(3), { ...run, waited_seconds: 2 * MAX_SECONDS });
  assert.equal(long.waited_seconds, MAX_SECONDS);
  assert.deepEqual(parseRecord(long, { seq: 1, now, maxRetries: 3 }), long);
});
