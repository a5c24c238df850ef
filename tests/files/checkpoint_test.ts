import assert from "node:assert/strict";
import { checkpoint } from "../../src/files/checkpoint.ts";
import { QueueError } from "../../src/model/errors.ts";
import { newRecord } from "../../src/model/job.ts";
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

const JOB = newRecord({ command: "true" }, {
  id: "a",
  seq: 1,
  now: "2030-01-01T00:00:00.000Z",
  maxRetries: 3,
});

Deno.test("jobs.json and dlq.json are current after every command, one job a line", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" }, { id: "b", command: "false", max_retries: 0 });
    });
    assert.deepEqual(readJobs(`${directory}/jobs.json`).map(({ id }) => id), ["a", "b"]);
    await withQueue(directory, async (queue) => {
      const seat = await queue.join("w");
      await runNext(seat, SUCCESS);
      await runNext(seat, FAILURE);
      await seat.leave();
    });
    assert.deepEqual(readJobs(`${directory}/jobs.json`).map(({ id, state }) => [id, state]), [
      ["a", "completed"],
    ]);
    assert.deepEqual(readJobs(`${directory}/dlq.json`).map(({ id, state }) => [id, state]), [
      ["b", "dead"],
    ]);
    const lines = Deno.readTextFileSync(`${directory}/jobs.json`).trimEnd().split("\n");
    assert.equal(lines.length, 3);
  });
});

Deno.test("what a checkpoint has taken in is not looked at again when the queue is closed", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      await queue.checkpoint("wait");
      for (const { name } of Deno.readDirSync(directory)) {
        await Deno.remove(`${directory}/${name}`, { recursive: true });
      }
    });
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  });
});

Deno.test("what comes while a checkpoint is written is in the new journal", async () => {
  await withDirectory(async (directory) => {
    const other = testEnvironment();
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    let added = false;
    const environment = testEnvironment({
      fault: (step) => {
        if (step !== "checkpoint prepared" || added) return;
        added = true;
      },
    });
    await withStore(directory, async (store) => {
      await store.transact(() => ({ events: [{ paused: true }], result: undefined }));
      const between = withStore(
        directory,
        (second) => second.transact(() => ({ events: [{ paused: false }], result: undefined })),
        other,
      );
      await Promise.all([checkpoint(store, "wait"), between]);
    }, environment);
    assert.ok(added);
    await withStore(directory, (store) => {
      assert.equal(store.records.paused, false);
      assert.equal([...store.records.values()].length, 1);
    });
  });
});

Deno.test("a checkpoint takes away what a dead one left beside, and nothing that is not the queue's", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    const theirs = ["report.tmp", "jobs.json.tmp", "jobs.json.old.tmp", "my-jobs.json.1-2-x.tmp"];
    const left = ["jobs.json.1-2-x.tmp", "dlq.json.1-3-y0.tmp", "config.json.1-4-.tmp"];
    for (const name of [...theirs, ...left]) Deno.writeTextFileSync(`${directory}/${name}`, name);
    await withQueue(directory, (queue) => add(queue, { id: "b", command: "true" }));
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.endsWith(".tmp")).sort(), theirs.toSorted());
  });
});

Deno.test("a reader follows through any number of checkpoints by others", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    await withQueue(directory, async (reader) => {
      for (let round = 0; round < 5; round++) {
        await withQueue(directory, async (writer) => {
          await add(writer, { id: `x${round}`, command: "true" });
          await writer.checkpoint("wait");
          await add(writer, { id: `y${round}`, command: "true" });
        });
        if (round % 2 === 0) continue;
        assert.equal((await reader.list({})).total, 3 + 2 * round);
      }
    });
  });
});

Deno.test("a checkpoint that fails at the end of a command leaves what was done, and says so", async () => {
  await withDirectory(async (directory) => {
    const environment = testEnvironment({
      fault: (step) => {
        if (step === "checkpoint begun") throw new QueueError("internal", "no room");
      },
    });
    const [id] = await withQueue(
      directory,
      (queue) => add(queue, { command: "true" }),
      environment,
    );
    assert.deepEqual(environment.warnings, [
      "done, but jobs.json could not be brought up to date: no room",
    ]);
    await withQueue(directory, async (queue) => assert.ok((await queue.get([id!]))[0]));
  });
});

Deno.test("a checkpoint that cannot be written to its end leaves nothing beside, as the disk may be full", async () => {
  await withDirectory(async (directory) => {
    await withStore(directory, async (store) => {
      await store.transact(() => ({ events: [{ put: JOB }], result: undefined }));
      const { openSync } = Deno;
      Deno.openSync = (path, options): Deno.FsFile => {
        if (/journal\.jsonl\.\d+$/.test(String(path)) && options?.createNew) {
          throw new Error("No space left on device (os error 28)");
        }
        return openSync(path, options);
      };
      try {
        await assert.rejects(() => checkpoint(store, "wait"), /cannot write into .*No space left/);
      } finally {
        Deno.openSync = openSync;
      }
      const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.endsWith(".tmp")), []);
      assert.equal(await checkpoint(store, "wait"), true);
    });
    assert.deepEqual(readJobs(`${directory}/jobs.json`).map(({ id }) => id), ["a"]);
  });
});

Deno.test("an edit by hand while a checkpoint is written is not overwritten, and in the next one", async () => {
  await withDirectory(async (directory) => {
    const path = `${directory}/jobs.json`;
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "echo old" }));
    const environment = testEnvironment({
      fault: (step) => {
        if (step !== "checkpoint prepared") return;
        const text = Deno.readTextFileSync(path);
        Deno.writeTextFileSync(path, text.replace("echo old", "echo by hand"));
      },
    });
    await withStore(directory, async (store) => {
      await store.transact(() => ({ events: [{ put: { ...JOB, id: "b", seq: 9 } }], result: 0 }));
      assert.equal(await checkpoint(store, "wait"), false);
      assert.equal(await checkpoint(store, "wait"), true);
      assert.equal(store.records.get("a")?.command, "echo by hand");
    }, environment);
    assert.deepEqual(readJobs(path).map(({ command }) => command), ["echo by hand", "true"]);
  });
});
