import assert from "node:assert/strict";
import fc from "fast-check";
import { putOffFor } from "../../src/bullmq/dependents.ts";

Deno.test("a job is put off for whole milliseconds, the longer the longer it has waited", () => {
  const waits = fc.double({ min: 0, max: 1e10, noNaN: true });
  fc.assert(fc.property(waits, waits, (one, other) => {
    const [short, long] = one < other ? [one, other] : [other, one];
    assert.ok(Number.isInteger(putOffFor(short)));
    assert.ok(putOffFor(short) <= putOffFor(long));
    assert.ok(putOffFor(short) >= 2_000 && putOffFor(long) <= 300_000);
  }));
});
