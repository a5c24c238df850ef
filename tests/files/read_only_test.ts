/** A disk that has become read-only: what can be seen there is still seen, and doctor looks too. */
import assert from "node:assert/strict";
import { examine } from "../../src/files/doctor.ts";
import { contents } from "../support/files.ts";
import { add, START, testEnvironment, withQueue, withStore } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** Calls `work` while no file can be opened for writing. */
async function readOnly(work: () => Promise<void>): Promise<void> {
  const { openSync } = Deno;
  Deno.openSync = (path, options): Deno.FsFile => {
    if (options?.write || options?.append) {
      throw Object.assign(new Error("Read-only file system (os error 30)"), { code: "EROFS" });
    }
    return openSync(path, options);
  };
  try {
    await work();
  } finally {
    Deno.openSync = openSync;
  }
}

Deno.test("on a disk that is read-only one sees the queue, changes nothing, and is told why not", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    // In the journal alone, with a write behind it that never became a line.
    await withStore(
      directory,
      (store) => store.transact(() => ({ events: [{ paused: true }], result: undefined })),
    );
    Deno.writeTextFileSync(`${directory}/journal.jsonl`, "half", { append: true });
    const before = contents(directory);
    await readOnly(async () => {
      await withQueue(directory, async (queue) => {
        assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["a"]);
        assert.equal((await queue.status()).paused, true);
        await assert.rejects(
          () => add(queue, { id: "b", command: "true" }),
          { code: "internal", message: /cannot write into .*: the file system is read-only$/ },
        );
      }, testEnvironment());
      const options = { clock: () => START, onProgress: () => {} };
      const { problems } = await examine(directory, options);
      assert.deepEqual(problems.map(({ what }) => what), [
        "the last line was not finished when something died",
      ]);
    });
    assert.deepEqual(contents(directory), before);
  });
});
