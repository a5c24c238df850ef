import assert from "node:assert/strict";
import type { Queue } from "../../src/model/queue.ts";
import { Wakeup } from "../../src/worker/wakeup.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A queue that changes when the test says so, and who was woken by that. */
function watched(clock: () => number = () => 0): {
  readonly wakeup: Wakeup;
  readonly woken: string[];
  change(): void;
} {
  let onChange = (): void => {};
  const woken: string[] = [];
  const queue = {
    watchForWork: (told: () => void) => {
      onChange = told;
      return { close: () => Promise.resolve() };
    },
  } as unknown as Queue;
  const wakeup = new Wakeup(queue, clock, (worker) => woken.push(worker));
  return { wakeup, woken, change: () => onChange() };
}

/** Who rests for the first time looks once more: what came before the watch it may not have seen. */
function rest(wakeup: Wakeup, woken: string[], ...workers: readonly string[]): void {
  for (const worker of workers) {
    wakeup.rests(worker, undefined);
    wakeup.rests(worker, undefined);
  }
  assert.deepEqual(woken.splice(0), workers);
}

Deno.test("one change wakes one worker, each time another", async () => {
  const { wakeup, woken, change } = watched();
  rest(wakeup, woken, "w1", "w2", "w3");
  change();
  change();
  assert.deepEqual(woken, ["w1", "w2"]);
  assert.equal(wakeup.resting, 1);
  await wakeup.close();
});

Deno.test("a change that comes while a worker looks has it look again", async () => {
  const { wakeup, woken, change } = watched();
  rest(wakeup, woken, "w1");
  change();
  change();
  assert.deepEqual(woken.splice(0), ["w1"]);
  wakeup.rests("w1", undefined);
  assert.deepEqual(woken.splice(0), ["w1"], "the second change");
  wakeup.rests("w1", undefined);
  assert.deepEqual(woken, []);
  await wakeup.close();
});

Deno.test("a worker that is gone is not woken in another's place", async () => {
  const { wakeup, woken, change } = watched();
  rest(wakeup, woken, "w1", "w2");
  wakeup.forget("w1");
  change();
  assert.deepEqual(woken, ["w2"]);
  await wakeup.close();
});

Deno.test("when a job falls due those who knew that it would are woken, also by a clock that was set on", async () => {
  let now = 0;
  const { wakeup, woken } = watched(() => now);
  rest(wakeup, woken, "w1", "w2");
  now = 1_000;
  wakeup.rests("w1", 1_000);
  wakeup.rests("w2", 1_000);
  await waitUntil("both are woken", () => woken.length === 2);
  assert.deepEqual(woken.sort(), ["w1", "w2"]);
  await wakeup.close();
});
