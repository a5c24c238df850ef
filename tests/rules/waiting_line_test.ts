import assert from "node:assert/strict";
import fc from "fast-check";
import { isWaiting, type Job, newRecord, STATES } from "../../src/model/job.ts";
import { Records } from "../../src/rules/records.ts";
import { isMet, WaitingLine } from "../../src/rules/waiting_line.ts";

const START = Date.parse("2030-01-01T00:00:00.000Z");
const IDS = ["a", "b", "c", "d", "e"];

/** The jobs that may run once they are due: what the line is to know without looking at all. */
function runnable(records: Records): readonly Job[] {
  return [...records.values()].filter(({ state, depends_on = [] }) =>
    isWaiting(state) && depends_on.every((id) => isMet(records.get(id)))
  );
}

function due({ run_at }: Job): number {
  return run_at === undefined ? 0 : Date.parse(run_at);
}

/** What a look at every job says is next. */
function expected(records: Records, now: number): Job | undefined {
  return runnable(records).filter((job) => due(job) <= now)
    .sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || a.seq - b.seq)[0];
}

const job = fc.record({
  index: fc.nat(IDS.length - 1),
  state: fc.constantFrom(...STATES),
  priority: fc.integer({ min: -1, max: 1 }),
  seconds: fc.option(fc.integer({ min: -5, max: 20 }), { nil: undefined }),
  dependency: fc.option(fc.nat(IDS.length - 1), { nil: undefined }),
});

const step = fc.oneof(
  { weight: 6, arbitrary: job },
  { weight: 1, arbitrary: fc.record({ drop: fc.constantFrom(...IDS) }) },
  { weight: 2, arbitrary: fc.record({ pass: fc.nat(8) }) },
);

Deno.test("whatever happens to the jobs, the line names the one that a look at all of them names", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const records = new Records();
    const line = new WaitingLine(records);
    let now = START;
    for (const [seq, each] of steps.entries()) {
      if ("pass" in each) now += each.pass * 1000;
      else if ("drop" in each) records.apply({ drop: each.drop });
      else {
        const id = IDS[each.index]!;
        const { priority, seconds, dependency } = each;
        const at = new Date(now).toISOString();
        const put = newRecord({
          command: "true",
          priority,
          ...(seconds === undefined
            ? {}
            : { run_at: new Date(now + seconds * 1000).toISOString() }),
          ...(dependency === undefined || dependency === each.index
            ? {}
            : { depends_on: [IDS[dependency]!] }),
        }, { id, seq, now: at, maxRetries: 0 });
        records.apply({ put: { ...put, state: each.state } });
      }
      const next = line.first(now);
      assert.equal(next?.id, expected(records, now)?.id);
      const later = runnable(records).map(due).filter((time) => time > now);
      if (!next) assert.equal(line.nextDue(), later.length > 0 ? Math.min(...later) : undefined);
    }
    const anew = new WaitingLine(records);
    assert.equal(anew.first(now)?.id, line.first(now)?.id, "as if it had been made now");
  }));
});
