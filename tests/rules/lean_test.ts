import assert from "node:assert/strict";
import fc from "fast-check";
import { lean } from "../../src/rules/lean.ts";
import { type QueueEvent, Records } from "../../src/rules/records.ts";
import { DEFAULT_CONFIG } from "../../src/model/config.ts";
import { type Job, newRecord } from "../../src/model/job.ts";
import {
  cancelled,
  claimed,
  hastened,
  type Outcome,
  revived,
  settled,
} from "../../src/model/transitions.ts";

const now = "2030-01-01T00:00:00.000Z";
const first = newRecord({ command: "true", max_retries: 2 }, {
  id: "a",
  seq: 1,
  now,
  maxRetries: 3,
});

/** A life of a job: the records that it goes through. */
const life = fc.array(
  fc.constantFrom<Outcome | "cancel">(
    { kind: "exited", exit_code: 0 },
    { kind: "exited", exit_code: 3 },
    { kind: "signalled", signal: "SIGSEGV" },
    { kind: "interrupted" },
    "cancel",
  ),
  { minLength: 1, maxLength: 150 },
).map((outcomes) => {
  const records: Job[] = [first];
  const add = (job: Job): void => void records.push(job);
  outcomes.forEach((outcome, index) => {
    const last = records.at(-1)!;
    if (last.state === "failed" && index % 2 === 0) add(hastened(last, now));
    else if (last.state !== "pending" && last.state !== "failed") add(revived(last, now));
    add(
      claimed(records.at(-1)!, {
        run: `r${index}`,
        worker: "w",
        now,
        lease_expires_at: now,
        waited_seconds: 0,
      }),
    );
    const running = records.at(-1)!;
    add(
      outcome === "cancel"
        ? cancelled(running, now)
        : settled(running, outcome, { now, config: DEFAULT_CONFIG, random: () => 0.5 }),
    );
  });
  return records;
});

function eventsOf(records: readonly Job[]): readonly QueueEvent[] {
  return records.map((job, index) => JSON.parse(JSON.stringify(lean(records[index - 1], job))));
}

Deno.test("lean events rebuild every record of a life exactly", () => {
  fc.assert(fc.property(life, (records) => {
    const replayed = new Records();
    eventsOf(records).forEach((event, index) => {
      replayed.apply(event);
      assert.deepEqual(replayed.get("a"), records[index]);
    });
  }));
});

Deno.test("replayed from anywhere before on a newer record, they end with the newest", () => {
  fc.assert(fc.property(life, fc.nat(), fc.nat(), (records, a, b) => {
    const events = eventsOf(records);
    const begin = Math.max(1, a % records.length);
    const snapshot = records[Math.max(begin - 1, b % records.length)]!;
    const replayed = new Records();
    replayed.apply({ put: snapshot });
    for (const event of events.slice(begin)) replayed.apply(event);
    assert.deepEqual(replayed.get("a"), records.at(-1));
  }));
});

Deno.test("replayed on a new jobs.json beside an old dlq.json, as a cut-off checkpoint leaves them, they end with the newest", () => {
  fc.assert(fc.property(life, fc.nat(), fc.nat(), (records, a, b) => {
    const events = eventsOf(records);
    const base = a % records.length;
    const moment = Math.max(base, b % records.length);
    const replayed = new Records();
    const inJobs = records[moment]!;
    const inOldDlq = records[base]!;
    if (inJobs.state !== "dead") replayed.apply({ put: inJobs });
    if (inOldDlq.state === "dead") replayed.apply({ put: inOldDlq });
    for (const event of events.slice(base + 1)) replayed.apply(event);
    assert.deepEqual(replayed.get("a"), records.at(-1));
  }));
});

Deno.test("of the end of a run only that is told which the job did not say while it went on", () => {
  const run = { run: "r", worker: "w", now, lease_expires_at: now, waited_seconds: 0.5 };
  const running = claimed(first, run);
  const outcome = { kind: "signalled", signal: "SIGSEGV" } as const;
  const ended = settled(running, outcome, {
    now: "2030-01-01T00:00:01.000Z",
    config: DEFAULT_CONFIG,
    random: () => 0.5,
  });
  assert.deepEqual(lean(running, ended), {
    set: {
      id: "a",
      state: "failed",
      updated_at: ended.updated_at,
      finished_at: ended.finished_at,
      error: ended.error,
      run_at: ended.run_at,
    },
    ran: { run: "r", signal: "SIGSEGV", error: ended.error },
  });
  const unknown = lean(first, ended) as { ran: unknown };
  assert.deepEqual(unknown.ran, ended.history!.at(-1));
});

Deno.test("a change of a job that is gone again changes nothing", () => {
  const replayed = new Records();
  replayed.apply({ set: { id: "a", state: "completed" } });
  assert.equal(replayed.size, 0);
});
