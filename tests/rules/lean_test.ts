import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_CONFIG } from "../../src/model/config.ts";
import { type Job, newRecord } from "../../src/model/job.ts";
import { changed, type JobChange } from "../../src/model/job_change.ts";
import {
  cancelled,
  claiming,
  hastened,
  type Outcome,
  revived,
  settling,
} from "../../src/model/transitions.ts";
import { eventOf, lean } from "../../src/rules/lean.ts";
import { type QueueEvent, Records } from "../../src/rules/records.ts";

const now = "2030-01-01T00:00:00.000Z";
const first = newRecord({ command: "true", max_retries: 2 }, {
  id: "a",
  seq: 1,
  now,
  maxRetries: 3,
});

/** What happens to a job, one event after the other, and the record that each of them makes. */
interface Life {
  readonly records: readonly Job[];
  readonly events: readonly QueueEvent[];
}

/** What a worker does is known as a change, what people do by the job that comes of it. */
const life = fc.array(
  fc.constantFrom<Outcome | "cancel">(
    { kind: "exited", exit_code: 0 },
    { kind: "exited", exit_code: 3 },
    { kind: "signalled", signal: "SIGSEGV" },
    { kind: "interrupted" },
    "cancel",
  ),
  // So long that runs fall out of the history.
  { minLength: 1, maxLength: 150, size: "max" },
).map((outcomes): Life => {
  const records: Job[] = [first];
  const events: QueueEvent[] = [lean(undefined, first)];
  const last = (): Job => records.at(-1)!;
  const people = (after: Job): void => {
    events.push(lean(last(), after));
    records.push(after);
  };
  const worker = (change: JobChange): void => {
    const after = changed(last(), change);
    events.push(eventOf(last(), change, after));
    records.push(after);
  };
  outcomes.forEach((outcome, index) => {
    const { state } = last();
    if (state === "failed" && index % 2 === 0) people(hastened(last(), now));
    else if (state !== "pending" && state !== "failed") people(revived(last(), now));
    worker(
      claiming(last(), {
        run: `r${index}`,
        worker: "w",
        now,
        lease_expires_at: now,
        waited_seconds: 0,
      }),
    );
    if (outcome === "cancel") people(cancelled(last(), now));
    const how = outcome === "cancel" ? { kind: "interrupted" } as const : outcome;
    worker(settling(last(), how, { now, config: DEFAULT_CONFIG, random: () => 0.5 }));
  });
  return { records, events: JSON.parse(JSON.stringify(events)) };
});

Deno.test("lean events rebuild every record of a life exactly", () => {
  fc.assert(fc.property(life, ({ records, events }) => {
    const replayed = new Records();
    events.forEach((event, index) => {
      replayed.apply(event);
      assert.deepEqual(replayed.get("a"), records[index]);
    });
  }));
});

Deno.test("replayed from anywhere before on a newer record, they end with the newest", () => {
  fc.assert(fc.property(life, fc.nat(), fc.nat(), ({ records, events }, a, b) => {
    const begin = Math.max(1, a % records.length);
    const snapshot = records[Math.max(begin - 1, b % records.length)]!;
    const replayed = new Records();
    replayed.apply({ put: snapshot });
    for (const event of events.slice(begin)) replayed.apply(event);
    assert.deepEqual(replayed.get("a"), records.at(-1));
  }));
});

Deno.test("replayed on a new jobs.json beside an old dlq.json, as a cut-off checkpoint leaves them, they end with the newest", () => {
  fc.assert(fc.property(life, fc.nat(), fc.nat(), ({ records, events }, a, b) => {
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

Deno.test("a change of a job that is gone again changes nothing", () => {
  const replayed = new Records();
  replayed.apply({ set: { id: "a", state: "completed" } });
  assert.equal([...replayed.values()].length, 0);
});
