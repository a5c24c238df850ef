import assert from "node:assert/strict";
import { askedWorkers } from "../../src/rules/asked_workers.ts";

Deno.test("workers are asked by their names or by beginnings, all or none, each once", () => {
  const alive = ["worker-a", "worker-ab", "worker-c"];
  assert.deepEqual(askedWorkers(undefined, alive), alive);
  assert.deepEqual(askedWorkers(["worker-a", "worker-c", "worker-c"], alive), [
    "worker-a",
    "worker-c",
  ]);
  assert.deepEqual(askedWorkers(["worker-ab"], alive), ["worker-ab"]);
  assert.throws(() => askedWorkers(["worker-"], alive), /could be 'worker-a'/);
  assert.throws(() => askedWorkers(["worker-c", "worker-d"], alive), /no worker 'worker-d'/);
  assert.throws(() => askedWorkers([""], alive), /no worker ''/);
});
