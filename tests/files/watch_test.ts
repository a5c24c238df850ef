import assert from "node:assert/strict";
import { watch } from "../../src/files/watch.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Calls `work` with a system whose watches end with an error as soon as they are read. */
async function withFailingWatches(work: (begun: () => number) => Promise<void>): Promise<void> {
  const { watchFs } = Deno;
  let begun = 0;
  Deno.watchFs = (...given) => {
    begun++;
    const watcher = watchFs(...given);
    const next = (): Promise<never> => Promise.reject(new Error("the queue of events is full"));
    return Object.assign(watcher, { [Symbol.asyncIterator]: () => ({ next }) });
  };
  try {
    await work(() => begun);
  } finally {
    Deno.watchFs = watchFs;
  }
}

Deno.test("a watch that fails is made up for by looking, and begun again", async () => {
  await withDirectory((directory) =>
    withFailingWatches(async (begun) => {
      const path = `${directory}/a.json`;
      let told = 0;
      const watching = watch(directory, [path], () => 20, () => told++);
      await waitUntil("the first look", () => told > 0);
      const before = told;
      Deno.writeTextFileSync(path, "{}");
      await waitUntil("the change is seen", () => told > before);
      await waitUntil("other watches", () => begun() > 2);
      await watching.close();
    })
  );
});

Deno.test("how long to wait is asked before each look", async () => {
  await withDirectory(async (directory) => {
    const waits = [10, 30, 20];
    let looks = 0;
    const next = (): number => waits.shift() ?? 3_600_000;
    const watching = watch(`${directory}/none`, undefined, next, () => looks++);
    await waitUntil("three looks", () => looks === 3);
    await watching.close();
    assert.deepEqual(waits, []);
  });
});

Deno.test("a change is told at once, what is only locked, logged or half written is not", async () => {
  await withDirectory(async (directory) => {
    let told = 0;
    const watching = watch(directory, [], () => 3_600_000, () => told++);
    for (const name of ["a.lock", "a.log", "a.json.1-0-x.tmp"]) {
      Deno.writeTextFileSync(`${directory}/${name}`, "");
    }
    Deno.writeTextFileSync(`${directory}/last.json`, "");
    await waitUntil("the last change", () => told > 0);
    // Of one file that is made: its making, its being written and closed.
    assert.ok(told <= 3, String(told));
    await watching.close();
  });
});
