import assert from "node:assert/strict";
import type { Queue } from "../../src/model/queue.ts";
import { Live } from "../../src/web/live.ts";

/** Timers that come when the test says so, by how long they wait. */
async function withTimers(
  work: (fire: (ms: number) => void, waiting: () => readonly number[]) => Promise<void>,
): Promise<void> {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const timers = new Map<number, { readonly ms: number; readonly call: () => void }>();
  let made = 0;
  const start = (call: () => void, ms = 0): number => {
    timers.set(++made, { ms, call });
    return made;
  };
  const stop = (timer?: number): void => void timers.delete(timer ?? 0);
  const faked = { setTimeout: start, setInterval: start, clearTimeout: stop, clearInterval: stop };
  Object.assign(globalThis, faked);
  try {
    await work((ms) => {
      for (const timer of [...timers.values()]) if (timer.ms === ms) timer.call();
    }, () => [...timers.values()].map(({ ms }) => ms));
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
  }
}

Deno.test("a change is told as one although time has gone on before, and everybody rests when nobody looks", async () => {
  await withTimers(async (fire, waiting) => {
    let onChange = (): void => {};
    let watches = 0;
    const queue = {
      watch: (told: () => void) => {
        watches++;
        onChange = told;
        return { close: () => Promise.resolve(void watches--) };
      },
    } as unknown as Queue;
    const live = new Live(queue);
    const first = live.next();
    const second = live.next();
    assert.equal(watches, 1, "one for all");
    fire(1_000);
    assert.deepEqual(await Promise.all([first, second]), [false, false]);
    const next = live.next();
    onChange();
    onChange();
    fire(1_000);
    fire(250);
    assert.equal(await next, true);
    assert.deepEqual(waiting(), [1_000]);
    fire(1_000);
    assert.deepEqual([waiting(), watches], [[], 0]);
    live.close();
  });
});
