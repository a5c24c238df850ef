import assert from "node:assert/strict";
import { acquire } from "../../src/files/lock.ts";
import { withDirectory } from "../support/temporary.ts";

const isLinux = Deno.build.os === "linux";

/** Holds a lock, and tries to get it for a while through another descriptor. */
async function tryWhileHeld(directory: string): Promise<unknown> {
  const path = `${directory}/a.lock`;
  using holder = Deno.openSync(path, { create: true, write: true });
  holder.lockSync(true);
  using file = Deno.openSync(path, { write: true });
  return await acquire(file, path, 20).then(() => undefined, (error) => error);
}

Deno.test("a lock that cannot be had in time is told with who has it", async () => {
  await withDirectory(async (directory) => {
    const error = await tryWhileHeld(directory);
    assert.match(String(error), /a\.lock has been locked for 0\.02 seconds/);
    if (isLinux) assert.match(String(error), new RegExp(`by process ${Deno.pid}$`));
  });
});

Deno.test("where it may not be read who has a lock, it is told without", async () => {
  await withDirectory(async (directory) => {
    const { readTextFileSync } = Deno;
    Deno.readTextFileSync = () => {
      throw new Deno.errors.NotCapable("Requires read access");
    };
    try {
      const error = await tryWhileHeld(directory);
      assert.match(String(error), /has been locked for 0\.02 seconds$/);
    } finally {
      Deno.readTextFileSync = readTextFileSync;
    }
  });
});

Deno.test("waits that are given up again and again leave one descriptor, not one each", {
  ignore: !isLinux,
}, async () => {
  await withDirectory(async (directory) => {
    const path = `${directory}/a.lock`;
    using holder = Deno.openSync(path, { create: true, write: true });
    holder.lockSync(true);
    using file = Deno.openSync(path, { write: true });
    const count = (): number => [...Deno.readDirSync("/proc/self/fd")].length;
    const tryOnce = (): Promise<void> => assert.rejects(acquire(file, path, 1), /has been locked/);
    await tryOnce();
    const before = count();
    for (let round = 0; round < 20; round++) await tryOnce();
    assert.ok(count() <= before + 1, `${before} descriptors became ${count()}`);
    const waiting = acquire(file, path, 10_000);
    holder.unlockSync();
    (await waiting)();
    using other = Deno.openSync(path, { write: true });
    assert.ok(other.tryLockSync(true), "it was given back");
  });
});

Deno.test("a lock whose wait was given up is free when its holder gives it back", async () => {
  await withDirectory(async (directory) => {
    await tryWhileHeld(directory);
    const path = `${directory}/a.lock`;
    using file = Deno.openSync(path, { write: true });
    const release = await acquire(file, path, 10_000);
    release();
  });
});
