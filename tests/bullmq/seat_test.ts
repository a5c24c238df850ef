import assert from "node:assert/strict";
import { patienceOf } from "../../src/bullmq/seat.ts";

/** A run gets SIGTERM, and five seconds later SIGKILL. */
const TO_KILL_MS = 5_000;

Deno.test("a run that cannot be confirmed has ended before its lease is over, from ten seconds on", () => {
  for (let lease = 10_000; lease <= 3_600_000; lease += 500) {
    assert.ok(patienceOf(lease) + TO_KILL_MS < lease, `${lease}`);
    // A heartbeat comes every third of the lease: there is time for its answer.
    assert.ok(patienceOf(lease) > lease / 3, `${lease}`);
  }
});
