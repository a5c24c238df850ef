import assert from "node:assert/strict";
import { newRecord } from "../../src/model/job.ts";
import { findRun } from "../../src/rules/find_run.ts";

const at = "2030-01-01T00:00:00.000Z";
const entry = (run: string, attempt: number) => ({
  run,
  attempt,
  worker: "w1",
  started_at: at,
  finished_at: at,
});
const made = { id: "a", seq: 1, now: at, maxRetries: 9 };
const job = {
  ...newRecord({ command: "true" }, made),
  attempts: 4,
  run: "r4",
  history: [entry("r2", 2), entry("r2-again", 2), entry("r3", 3)],
};

Deno.test("a run is found by its attempt or its id: the last of several, the one that goes on too", () => {
  assert.equal(findRun(job, {})?.run, "r4");
  assert.equal(findRun(job, { attempt: 2 })?.run, "r2-again");
  assert.equal(findRun(job, { run: "r2" })?.attempt, 2);
  assert.equal(findRun({ ...job, run: "", history: [] }, {})?.run, "");
  const { run: _run, history: _history, ...fresh } = job;
  assert.equal(findRun(fresh, {}), undefined);
});

Deno.test("a run that is not there is told from one of which nothing is kept", () => {
  const hint = (attempt: number, attempts = 4): string | undefined => {
    try {
      findRun({ ...job, attempts, run: "r9" }, { attempt });
      assert.fail("it was found");
    } catch (error) {
      assert.equal((error as { code?: string }).code, "not_found");
      return (error as { hint?: string }).hint;
    }
  };
  assert.equal(hint(1), "of the oldest runs nothing is kept");
  assert.equal(hint(5), undefined);
  const kept = { ...job, attempts: 3, history: [entry("r2", 2)] };
  const { run: _run, ...over } = kept;
  assert.throws(() => findRun(over, { attempt: 3 }), {
    hint: "of the oldest runs nothing is kept",
  });
  assert.throws(() => findRun(job, { run: "none" }), { code: "not_found" });
});
