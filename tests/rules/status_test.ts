import assert from "node:assert/strict";
import type { ListFilter } from "../../src/model/listing.ts";
import {
  add,
  FAILURE,
  runNext,
  SUCCESS,
  take,
  testEnvironment,
  withQueue,
} from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("status counts every state, names the oldest job that waits, and knows the workers", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      assert.equal((await queue.status()).oldest_waiting, null);
      await add(
        queue,
        { id: "later", command: "true", run_at: "2040-01-01T00:00:00.000Z" },
        { id: "a", command: "true" },
        { id: "b", command: "false", max_retries: 0 },
        { id: "c", command: "false" },
        { id: "d", command: "sleep" },
      );
      time.advance(5);
      await add(queue, { id: "e", command: "true" });
      const seat = await queue.join("w1");
      await runNext(seat, SUCCESS);
      await runNext(seat, FAILURE);
      await runNext(seat, FAILURE);
      await take(seat);
      const { counts, oldest_waiting, workers } = await queue.status();
      assert.deepEqual(counts, {
        pending: 2,
        processing: 1,
        completed: 1,
        failed: 1,
        dead: 1,
        cancelled: 0,
      });
      assert.deepEqual(oldest_waiting, { id: "e", since: "2030-01-01T00:00:05.000Z" });
      assert.deepEqual(
        workers.map(({ id, alive, stopping, job }) => ({ id, alive, stopping, job })),
        [
          { id: "w1", alive: true, stopping: false, job: "d" },
        ],
      );
    })
  );
});

Deno.test("a cancelled job that is retried waits since then, though it has never run", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" });
      await queue.cancel(["a"]);
      time.advance(3600);
      await queue.retry(["a"], { force: false, withDependents: false });
      const { oldest_waiting } = await queue.status();
      assert.deepEqual(oldest_waiting, { id: "a", since: "2030-01-01T01:00:00.000Z" });
    })
  );
});

Deno.test("list filters by state and tag, the newest first, and counts what the limit hides", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(
        queue,
        { id: "a", command: "true", tags: ["x", "y"] },
        { id: "b", command: "true", tags: ["x"] },
        { id: "c", command: "true" },
      );
      await queue.cancel(["c"]);
      const ids = async (filter: Parameters<typeof queue.list>[0]): Promise<readonly string[]> =>
        (await queue.list(filter)).jobs.map(({ id }) => id);
      assert.deepEqual(await ids({}), ["c", "b", "a"]);
      assert.deepEqual(await ids({ states: ["pending"] }), ["b", "a"]);
      assert.deepEqual(await ids({ tags: ["x", "y"] }), ["a"]);
      assert.deepEqual(
        await queue.list({ limit: 1 }).then(({ jobs, total }) => [jobs.length, total]),
        [1, 3],
      );
    })
  );
});

Deno.test("a job that waits for another could not have run yet, and is not the oldest that waits", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" }, {
        id: "b",
        command: "true",
        depends_on: ["a"],
      });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      time.advance(60);
      assert.equal((await queue.status()).oldest_waiting, null);
      await seat.settle({ id: "a", run: run! }, SUCCESS, false);
      const { oldest_waiting } = await queue.status();
      assert.deepEqual(oldest_waiting, { id: "b", since: "2030-01-01T00:01:00.000Z" });
      time.advance(5);
      assert.equal((await take(seat)).waited_seconds, 5);
    })
  );
});

Deno.test("whoever keeps only the newest completed jobs lists the same as who keeps all, whatever is asked for", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      const ids = Array.from({ length: 12 }, (_, index) => `j${index}`);
      await add(queue, ...ids.map((id) => ({ id, command: `echo ${id}`, tags: [`t-${id}`] })));
      const seat = await queue.join("w1");
      for (let done = 0; done < 10; done++) {
        await runNext(seat, SUCCESS);
        time.advance(1);
      }
      await seat.leave();
      await queue.checkpoint("wait");
    });
    const filters: readonly ListFilter[] = [
      {},
      { limit: 3 },
      { limit: 8 },
      { limit: 2, order: "end" },
      { limit: 2, tags: ["t-j1"] },
      { limit: 2, text: "echo j2" },
      { limit: 2, behind: { at: 0, seq: 6 } },
      { limit: 2, states: ["completed"] },
      { limit: 2, states: ["pending"] },
    ];
    await withQueue(directory, async (all) => {
      for (const filter of filters) {
        const expected = await all.list(filter);
        await withQueue(
          directory,
          async (few) => assert.deepEqual(await few.list(filter), expected, JSON.stringify(filter)),
          testEnvironment({ keep: { newest: 4 } }),
        );
      }
    });
  });
});
