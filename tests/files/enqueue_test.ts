import assert from "node:assert/strict";
import { add, jobOf, runNext, SUCCESS, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("a job gets an id, the default retries and the time, and is pending", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      const [id] = await add(queue, { command: "echo hi" });
      const job = await jobOf(queue, id!);
      assert.deepEqual(job, {
        id,
        command: "echo hi",
        state: "pending",
        attempts: 0,
        max_retries: 3,
        created_at: "2030-01-01T00:00:00.000Z",
        updated_at: "2030-01-01T00:00:00.000Z",
        seq: 1,
      });
    })
  );
});

Deno.test("an id that exists, in the queue, in the DLQ or in the same call, is refused and nothing is added", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true", max_retries: 0 });
      const seat = await queue.join("w");
      await runNext(seat, { kind: "exited", exit_code: 1 });
      await seat.leave();
      for (const ids of [["a"], ["b", "a"], ["c", "c"]]) {
        await assert.rejects(() => add(queue, ...ids.map((id) => ({ id, command: "true" }))), {
          code: "conflict",
        });
      }
      assert.equal((await queue.list({})).total, 1);
    })
  );
});

Deno.test("with ifAbsent an existing id is a quiet success that changes nothing", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "first" });
      const { ids } = await queue.enqueue(
        [{ id: "a", command: "second" }, { id: "b", command: "new" }],
        { ifAbsent: true },
      );
      assert.deepEqual(ids, ["a", "b"]);
      assert.equal((await jobOf(queue, "a")).command, "first");
      assert.equal((await queue.list({})).total, 2);
    })
  );
});

Deno.test("jobs wait in the order of arrival, across calls and reopening", async () => {
  await withDirectory(async (directory) => {
    await withQueue(
      directory,
      (queue) => add(queue, { id: "a", command: "true" }, { id: "b", command: "true" }),
    );
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "c", command: "true" });
      const seat = await queue.join("w");
      const order: string[] = [];
      for (let i = 0; i < 3; i++) order.push((await runNext(seat, SUCCESS)).id);
      assert.deepEqual(order, ["a", "b", "c"]);
    });
  });
});

Deno.test("dependencies must exist, must not be lost, and must not form a circle", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "gone", command: "true" });
      await queue.cancel(["gone"]);
      const after = (
        id: string,
        ...depends_on: string[]
      ): { id: string; command: string; depends_on: string[] } => ({
        id,
        command: "true",
        depends_on,
      });
      await assert.rejects(() => add(queue, after("x", "nobody")), { code: "not_found" });
      await assert.rejects(() => add(queue, after("x", "gone")), /which is cancelled/);
      await assert.rejects(() => add(queue, after("x", "x")), /circle: x -> x/);
      await assert.rejects(
        () => add(queue, after("x", "y"), after("y", "z"), after("z", "x")),
        /circle/,
      );
      const chain = Array.from({ length: 20_000 }, (_, i) =>
        i === 0 ? after("c0") : after(`c${i}`, `c${i - 1}`));
      await add(queue, ...chain.toReversed());
      assert.equal((await queue.list({})).total, 20_001);
    })
  );
});
