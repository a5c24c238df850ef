import assert from "node:assert/strict";
import { idMaker, isJobId } from "../../src/model/job.ts";

Deno.test("made ids sort in the order in which they were made, also within a millisecond", () => {
  let now = 1_900_000_000_000;
  const make = idMaker(() => now, () => 0.3);
  const ids = Array.from({ length: 2000 }, (_, index) => {
    if (index % 700 === 699) now++;
    return make();
  });
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every(isJobId));
});

Deno.test("a clock that goes back makes no id twice", () => {
  let now = 1_900_000_000_000;
  const make = idMaker(() => now, () => 0.3);
  const first = make();
  now -= 1000;
  assert.notEqual(make(), first);
});

Deno.test("an id is 1 to 128 of the allowed characters", () => {
  for (const id of ["a", "A.b_c:d-e", "x".repeat(128), "0", "_", ":"]) assert.ok(isJobId(id), id);
  for (const id of ["", ".", "..", "-a", "a/b", "a b", "ä", "a\n", "x".repeat(129)]) {
    assert.ok(!isJobId(id), id);
  }
});
