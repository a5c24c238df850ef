import assert from "node:assert/strict";
import { add, FAILURE, jobOf, runNext, SUCCESS, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("a settle that comes too late is refused: after a cancel, a recovery, or another settle", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" }, { id: "b", command: "true" });
      const seat = await queue.join("w1");
      const a = await take(seat);
      const b = await take(seat);
      await queue.cancel(["a"]);
      await assert.rejects(
        () => queue.retry(["a"], { force: false, withDependents: false }),
        /its cancelled run has not ended yet/,
      );
      assert.equal(
        (await seat.settle({ id: "a", run: a.run! }, SUCCESS, false)).job?.state,
        "cancelled",
      );
      assert.equal((await seat.settle({ id: "a", run: a.run! }, SUCCESS, false)).job, undefined);
      assert.equal((await jobOf(queue, "a")).run, undefined);
      assert.equal((await queue.settleLost({ id: "b", run: b.run! }))?.state, "failed");
      assert.equal((await seat.settle({ id: "b", run: b.run! }, SUCCESS, false)).job, undefined);
      time.advance(2);
      const again = await take(seat);
      assert.notEqual(again.run, b.run);
      assert.equal((await seat.settle({ id: "b", run: b.run! }, SUCCESS, false)).job, undefined);
      assert.equal(
        (await seat.settle({ id: "b", run: again.run! }, SUCCESS, false)).job?.state,
        "completed",
      );
      assert.equal(
        (await seat.settle({ id: "b", run: again.run! }, SUCCESS, false)).job,
        undefined,
      );
    })
  );
});

Deno.test("a heartbeat prolongs the lease of a current run and of no other", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      time.advance(20);
      assert.equal(await seat.renew({ id: "a", run: run! }), true);
      assert.equal((await jobOf(queue, "a")).lease_expires_at, "2030-01-01T00:01:20.000Z");
      assert.equal(await seat.renew({ id: "a", run: "another" }), false);
    })
  );
});

Deno.test("what has run beside the end of what it depends on goes to the DLQ with what waits for it, unless it is done", async () => {
  const ends = {
    failed: { outcome: FAILURE, state: "dead" },
    "put back": { outcome: { kind: "interrupted" }, state: "dead" },
    completed: { outcome: SUCCESS, state: "completed" },
  } as const;
  for (const [what, { outcome, state }] of Object.entries(ends)) {
    await withDirectory((directory) =>
      withQueue(directory, async (queue) => {
        await add(
          queue,
          { id: "first", command: "true" },
          { id: "second", command: "true", depends_on: ["first"] },
          { id: "third", command: "true", depends_on: ["second"] },
        );
        const seat = await queue.join("w1");
        await runNext(seat, SUCCESS);
        const { run } = await take(seat);
        await queue.setPaused(true);
        await queue.retry(["first"], { force: true, withDependents: false });
        await queue.cancel(["first"]);
        const settled = await seat.settle({ id: "second", run: run! }, outcome, false);
        assert.equal(settled.job?.state, state, what);
        const [second, third] = await queue.get(["second", "third"]);
        assert.equal(second!.state, state, what);
        assert.equal(second!.history!.at(-1)!.run, run, what);
        assert.equal(third!.state, state === "dead" ? "dead" : "pending", what);
        if (state === "dead") assert.equal(second!.error, "dependency 'first' is cancelled");
      })
    );
  }
});

Deno.test("a lease is always as long as it was, however often it is prolonged", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      for (let beat = 0; beat < 3; beat++) {
        time.advance(20);
        await seat.renew({ id: "a", run: run! });
      }
      assert.equal((await jobOf(queue, "a")).lease_expires_at, "2030-01-01T00:02:00.000Z");
    })
  );
});

Deno.test("a run whose job was cancelled gets no longer lease: by that its worker knows, if nobody could tell it", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      await queue.cancel(["a"]);
      time.advance(20);
      assert.equal(await seat.renew({ id: "a", run: run! }), false);
      assert.equal((await jobOf(queue, "a")).lease_expires_at, "2030-01-01T00:01:00.000Z");
    })
  );
});
