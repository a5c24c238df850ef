import assert from "node:assert/strict";
import { checkpoint } from "../../src/files/checkpoint.ts";
import { merge } from "../../src/files/merge.ts";
import { pathsOf } from "../../src/files/paths.ts";
import type { Job } from "../../src/model/job.ts";
import { readJobs } from "../support/files.ts";
import {
  add,
  FAILURE,
  runNext,
  SUCCESS,
  testEnvironment,
  withQueue,
  withStore,
} from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** The snapshots as they would be written from memory. */
async function fromMemory(directory: string): Promise<readonly string[]> {
  return await withStore(directory, (store) => {
    const jobs = [...store.records.values()].sort((a, b) => a.seq - b.seq);
    const text = (kept: readonly Job[]): string =>
      kept.length === 0 ? "[]\n" : `[\n${kept.map((job) => JSON.stringify(job)).join(",\n")}\n]\n`;
    return [
      text(jobs.filter(({ state }) => state !== "dead")),
      text(jobs.filter(({ state }) => state === "dead")),
    ];
  });
}

async function mergeNow(directory: string): Promise<readonly string[]> {
  await withStore(directory, async (store) => {
    assert.equal(await checkpoint(store, "wait"), true);
  }, testEnvironment({ keep: "unfinished" }));
  return ["jobs.json", "dlq.json"].map((name) => Deno.readTextFileSync(`${directory}/${name}`));
}

Deno.test("what is merged is what would be written from memory: changed, moved, new and gone", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      const text = `echo '{"id":"x","seq":1}'`;
      await add(
        queue,
        ...["a", "b", "c", "d", "e"].map((id) => ({ id, command: text, max_retries: 0 })),
      );
      const seat = await queue.join("worker-test");
      for (const outcome of [SUCCESS, FAILURE, FAILURE]) await runNext(seat, outcome);
      await queue.checkpoint("wait");
      await queue.retryDead(["b"], { withDependents: false });
      await queue.cancel(["d"]);
      await queue.delete(["a"]);
      await add(queue, { id: "f", command: "true" }, { id: "gone", command: "true" });
      await queue.delete(["gone"]);
      await runNext(seat, FAILURE);
      await seat.leave();
      const expected = await fromMemory(directory);
      assert.deepEqual(await mergeNow(directory), expected);
      assert.deepEqual(readJobs(`${directory}/jobs.json`).map(({ id }) => id), ["d", "e", "f"]);
      assert.deepEqual(readJobs(`${directory}/dlq.json`).map(({ id }) => id), ["b", "c"]);
      await queue.retryDead(undefined, { withDependents: false });
      const back = await fromMemory(directory);
      assert.deepEqual(await mergeNow(directory), back);
      assert.deepEqual(
        readJobs(`${directory}/jobs.json`).map(({ id }) => id),
        ["b", "c", "d", "e", "f"],
      );
      await queue.deleteAll();
      assert.deepEqual(await mergeNow(directory), ["[]\n", "[]\n"]);
      await add(queue, { id: "first", command: "true" });
      const again = await fromMemory(directory);
      assert.deepEqual(await mergeNow(directory), again);
    });
  });
});

Deno.test("a job that comes back stands before the next one, also where that one has changed", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true", max_retries: 0 }, { id: "b", command: "true" });
      const seat = await queue.join("worker-test");
      await runNext(seat, FAILURE);
      await queue.checkpoint("wait");
      await queue.edit(["b"], { priority: 5 });
      await queue.retryDead(["a"], { withDependents: false });
      await seat.leave();
      const expected = await fromMemory(directory);
      assert.deepEqual(await mergeNow(directory), expected);
      assert.deepEqual(readJobs(`${directory}/jobs.json`).map(({ id }) => id), ["a", "b"]);
    });
  });
});

Deno.test("a snapshot of many pieces keeps every job", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      const command = "x".repeat(1_000);
      await add(
        queue,
        ...Array.from({ length: 2_000 }, (_, index) => ({ id: `j${index}`, command })),
      );
      await queue.checkpoint("wait");
      await queue.cancel(["j7", "j1999"]);
      await queue.delete(["j0", "j300"]);
      const expected = await fromMemory(directory);
      assert.deepEqual(await mergeNow(directory), expected);
    });
  });
});

Deno.test("a file that a hand has touched is not merged into, but adopted", async () => {
  await withDirectory(async (directory) => {
    await withQueue(
      directory,
      (queue) => add(queue, { id: "a", command: "true" }, { id: "b", command: "true" }),
    );
    await withStore(directory, async (store) => {
      await store.transact(({ records }) => ({
        events: [{ put: { ...records.get("b")!, priority: 9 } }],
        result: undefined,
      }));
      const path = `${directory}/jobs.json`;
      Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace("true", "edited"));
      assert.equal(await checkpoint(store, "wait"), false);
      assert.equal(await checkpoint(store, "wait"), true);
    }, testEnvironment({ keep: "unfinished" }));
    const jobs = readJobs(`${directory}/jobs.json`);
    assert.deepEqual(jobs.map(({ id, command }) => `${id} ${command}`), ["a edited", "b true"]);
  });
});

Deno.test("what queuectl did not write so is not merged into", async () => {
  await withDirectory((directory) => {
    const paths = pathsOf(directory);
    Deno.writeTextFileSync(paths.dlq, "[]\n");
    for (
      const text of [
        "[ ]\n",
        "[\n{}\n]\n",
        '[\n{"id":"a"}\n, {"id":"b"}\n]\n',
        '[{"id":"a"}]\n',
        "",
      ]
    ) {
      Deno.writeTextFileSync(paths.jobs, text);
      assert.equal(merge(paths, []), undefined, text);
    }
  });
});

Deno.test("another job under a name that was free again comes behind all others", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, ...["a", "b", "c"].map((id) => ({ id, command: "true" })));
    });
    await withQueue(directory, async (queue) => {
      await queue.delete(["a"]);
      await add(queue, { id: "a", command: "echo again" });
      const expected = await fromMemory(directory);
      assert.deepEqual(await mergeNow(directory), expected);
      const ids = readJobs(`${directory}/jobs.json`).map(({ id }) => id);
      assert.deepEqual(ids, ["b", "c", "a"]);
    });
  });
});

Deno.test("a job that stands in both files is not merged: which of them counts is for people to say", async () => {
  await withDirectory((directory) => {
    const paths = pathsOf(directory);
    for (const path of [paths.jobs, paths.dlq]) {
      Deno.writeTextFileSync(path, '[\n{"id":"a","command":"true","seq":1}\n]\n');
    }
    const events = [{ set: { id: "a", priority: 1 } }];
    assert.equal(merge(paths, [{ n: 1, at: "2030-01-01T00:00:00.000Z", events }]), undefined);
  });
});
