import assert from "node:assert/strict";
import { Recovery } from "../../src/worker/recovery.ts";

/** Recoveries that end when the test says so, and a round that waits for none of them. */
function recoveries(): {
  readonly recovery: Recovery;
  readonly begun: readonly PromiseWithResolvers<void>[];
} {
  const begun: PromiseWithResolvers<void>[] = [];
  const recover = (): Promise<void> => {
    const end = Promise.withResolvers<void>();
    begun.push(end);
    return end.promise;
  };
  return { recovery: new Recovery(recover, 0), begun };
}

/** Whoever waits for what has ended has gone on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a recovery that takes long holds up no round, and no second one begins beside it", async () => {
  const { recovery, begun } = recoveries();
  await recovery.advance();
  await recovery.advance();
  assert.equal(begun.length, 1);
  begun[0]!.resolve();
  await settled();
  await recovery.advance();
  assert.equal(begun.length, 2);
});

Deno.test("what a recovery has thrown is told in each round until another one ends well", async () => {
  const { recovery, begun } = recoveries();
  await recovery.advance();
  begun[0]!.reject(new Error("it cannot be ended"));
  await settled();
  await assert.rejects(recovery.advance(), /cannot be ended/);
  await assert.rejects(recovery.advance(), /cannot be ended/, "while the next one goes on");
  assert.equal(begun.length, 2);
  begun[1]!.resolve();
  await settled();
  await recovery.advance();
});

Deno.test("the last round waits for the one that goes on, and for a whole one of its own", async () => {
  const { recovery, begun } = recoveries();
  await recovery.advance();
  let isOver = false;
  const finished = recovery.finish().then(() => isOver = true);
  await settled();
  assert.deepEqual([begun.length, isOver], [1, false]);
  begun[0]!.resolve();
  await settled();
  assert.deepEqual([begun.length, isOver], [2, false]);
  begun[1]!.resolve();
  await finished;
});
