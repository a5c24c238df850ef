import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffSeconds } from "../../src/model/backoff.ts";

const plain = { backoff_base: 2, backoff_max_seconds: 300, backoff_jitter: 0 };

Deno.test("the wait before retry n is base to the power of n", () => {
  assert.deepEqual([1, 2, 3, 4].map((n) => backoffSeconds(plain, n, Math.random)), [2, 4, 8, 16]);
});

Deno.test("the wait never exceeds its cap, however many retries and however much jitter", () => {
  fc.assert(fc.property(
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.double({ min: 0, max: 1e7, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (backoff_base, backoff_max_seconds, backoff_jitter, retry, random) => {
      const config = { backoff_base, backoff_max_seconds, backoff_jitter };
      const seconds = backoffSeconds(config, retry, () => random);
      assert.ok(seconds >= 0 && seconds <= backoff_max_seconds, String(seconds));
    },
  ));
});

Deno.test("without jitter the waits of a base of at least 1 never get shorter", () => {
  fc.assert(fc.property(
    fc.double({ min: 1, max: 1000, noNaN: true }),
    fc.integer({ min: 1, max: 1000 }),
    (backoff_base, retry) => {
      const config = { ...plain, backoff_base };
      assert.ok(
        backoffSeconds(config, retry, Math.random) <=
          backoffSeconds(config, retry + 1, Math.random),
      );
    },
  ));
});

Deno.test("jitter moves the wait by its share in both directions", () => {
  const config = { ...plain, backoff_jitter: 0.5 };
  assert.equal(backoffSeconds(config, 2, () => 0), 2);
  assert.equal(backoffSeconds(config, 2, () => 0.5), 4);
  assert.equal(backoffSeconds(config, 2, () => 1), 6);
});
