/** Enqueueing into a long queue, of which only what matters is read. */
import assert from "node:assert/strict";
import { enqueueOnly } from "../../src/files/enqueue_only.ts";
import { QueueError } from "../../src/model/errors.ts";
import type { NewJob } from "../../src/model/job.ts";
import { add, type TestEnvironment, testEnvironment, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const PADDING = "x".repeat(1000);

/** A queue of over a MiB, whose journal has lines too. */
async function withLongQueue(
  work: (directory: string, environment: TestEnvironment) => Promise<void>,
): Promise<void> {
  await withDirectory(async (directory) => {
    const environment = testEnvironment();
    await withQueue(directory, async (queue) => {
      const jobs = Array.from(
        { length: 1500 },
        (_, i) => ({ id: `job-${i}`, command: `echo ${PADDING}` }),
      );
      await add(queue, ...jobs, { id: "gone", command: "true" }, {
        id: "dead",
        command: `{"id":"fake",`,
      });
      await queue.checkpoint("wait");
      await add(queue, { id: "late", command: "true" });
      await queue.delete(["gone"]);
    }, environment);
    await work(directory, environment);
  });
}

function enqueue(
  directory: string,
  environment: TestEnvironment,
  jobs: readonly NewJob[],
  ifAbsent = false,
): Promise<readonly string[]> {
  return enqueueOnly(directory, environment, jobs, { ifAbsent }).then(({ ids }) => ids);
}

Deno.test("a job with or without an id is added, and is there for everybody else", async () => {
  await withLongQueue(async (directory, environment) => {
    const [made] = await enqueue(directory, environment, [{ command: "true" }]);
    assert.deepEqual(await enqueue(directory, environment, [{ id: "new", command: "true" }]), [
      "new",
    ]);
    await withQueue(directory, async (queue) => {
      const found = await queue.get([made!, "new", "job-7", "late"]);
      assert.deepEqual(found.map(({ state }) => state), Array(4).fill("pending"));
      const { jobs, total } = await queue.list({ limit: 3 });
      assert.deepEqual([jobs.map(({ id }) => id), total], [["new", made, "late"], 1504]);
    }, environment);
  });
});

Deno.test("an id that is in the snapshot or in the journal is refused, or left with --if-absent", async () => {
  await withLongQueue(async (directory, environment) => {
    for (const id of ["job-0", "job-1499", "dead", "late"]) {
      await assert.rejects(
        () =>
          enqueue(directory, environment, [{ id: "other", command: "true" }, {
            id,
            command: "true",
          }]),
        (error: unknown) =>
          error instanceof QueueError && error.message === `job '${id}' exists already (pending)`,
      );
      assert.deepEqual(await enqueue(directory, environment, [{ id, command: "false" }], true), [
        id,
      ]);
    }
    await withQueue(directory, async (queue) => {
      assert.equal((await queue.list({})).total, 1502);
    }, environment);
  });
});

Deno.test("an id that was deleted, or only begins like another, or stands in a command, is free", async () => {
  await withLongQueue(async (directory, environment) => {
    for (const id of ["gone", "job", "job-1500", "fake"]) {
      assert.deepEqual(await enqueue(directory, environment, [{ id, command: "true" }]), [id]);
      await assert.rejects(
        () => enqueue(directory, environment, [{ id, command: "true" }]),
        /exists/,
      );
    }
  });
});

Deno.test("dependencies are checked as ever", async () => {
  await withLongQueue(async (directory, environment) => {
    const job = { id: "child", command: "true" };
    await enqueue(directory, environment, [{ ...job, depends_on: ["job-3", "late"] }]);
    await assert.rejects(
      () => enqueue(directory, environment, [{ command: "true", depends_on: ["gone"] }]),
      /which does not exist/,
    );
  });
});

Deno.test("files that a hand has edited are read whole, and what stands in them counts", async () => {
  await withLongQueue(async (directory, environment) => {
    const jobs = JSON.parse(await Deno.readTextFile(`${directory}/jobs.json`));
    jobs.push({ id: "by-hand", command: "true" });
    await Deno.writeTextFile(`${directory}/jobs.json`, JSON.stringify(jobs, null, 1));
    await assert.rejects(
      () => enqueue(directory, environment, [{ id: "by-hand", command: "x" }]),
      /exists/,
    );
    assert.deepEqual(await enqueue(directory, environment, [{ id: "new", command: "true" }]), [
      "new",
    ]);
    await withQueue(directory, async (queue) => {
      assert.equal((await queue.get(["by-hand", "new", "job-9"])).length, 3);
    }, environment);
  });
});

Deno.test("the files are brought up to date again and again, however long the queue is", async () => {
  await withLongQueue(async (directory, environment) => {
    const has = (id: string): boolean =>
      Deno.readTextFileSync(`${directory}/jobs.json`).includes(`"id":"${id}"`);
    const note = "x".repeat(20_000);
    const ids = Array.from({ length: 8 }, (_, i) => `added-${i}`);
    for (const id of ids) {
      await enqueue(directory, environment, [{ id, command: `echo ${note}` }]);
    }
    assert.ok(has("added-0"), "not by enqueueing");
    await withQueue(directory, async (queue) => {
      for (let i = 0; i < 8; i++) {
        await queue.edit(["added-7"], { command: `echo ${i} ${note}` });
      }
    }, environment);
    assert.ok(has("added-7"), "not by another command");
  });
});
