import assert from "node:assert/strict";
import { add, jobOf, SUCCESS, take, withQueue } from "../support/queue.ts";
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
