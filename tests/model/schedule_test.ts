import assert from "node:assert/strict";
import { isJobId } from "../../src/model/job.ts";
import { checkScheduleName, occurrenceId } from "../../src/model/schedule.ts";

Deno.test("a schedule's name leaves room for the time in the ids of its jobs", () => {
  const longest = checkScheduleName("x".repeat(80));
  assert.ok(isJobId(occurrenceId(longest, "2030-01-01T00:00:00.000Z")));
  for (const name of ["x".repeat(81), "", ".x", "-x", "a b", "a/b"]) {
    assert.throws(() => checkScheduleName(name), {
      code: "usage",
      message: /no name of a schedule/,
    });
  }
});
