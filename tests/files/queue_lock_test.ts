import assert from "node:assert/strict";
import { pathsOf } from "../../src/files/paths.ts";
import { QueueLock } from "../../src/files/queue_lock.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("the lock is taken on the file that is in its place now, not on one that was removed", async () => {
  await withDirectory(async (directory) => {
    const paths = pathsOf(directory);
    const [one, other] = [new QueueLock(paths, 20), new QueueLock(paths, 20)];
    (await one.acquire())();
    Deno.removeSync(paths.queueLock);
    const release = await other.acquire();
    await assert.rejects(() => one.acquire(), { code: "busy" });
    release();
    (await one.acquire())();
    one.close();
    other.close();
  });
});

Deno.test("a directory that was removed while it was in use is not made again", async () => {
  await withDirectory(async (directory) => {
    const paths = pathsOf(`${directory}/queue`);
    const lock = new QueueLock(paths, 20);
    (await lock.acquire())();
    Deno.removeSync(paths.directory, { recursive: true });
    await assert.rejects(() => lock.acquire(), { code: "corrupt", message: /it was removed/ });
    assert.deepEqual([...Deno.readDirSync(directory)], []);
    lock.close();
  });
});
