import assert from "node:assert/strict";
import {
  add,
  FAILURE,
  jobOf,
  nothing,
  runNext,
  START,
  SUCCESS,
  take,
  withQueue,
} from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const dependent = (
  id: string,
  ...depends_on: string[]
): { id: string; command: string; max_retries: number; depends_on: string[] } => ({
  id,
  command: "true",
  max_retries: 0,
  depends_on,
});

Deno.test("a claim starts a run with an id of its own, a lease and a worker", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const job = await take(seat);
      assert.deepEqual([job.state, job.attempts, job.worker], ["processing", 1, "w1"]);
      assert.equal(job.started_at, "2030-01-01T00:00:00.000Z");
      assert.equal(job.lease_expires_at, "2030-01-01T00:01:00.000Z");
      assert.ok(job.run);
      nothing(await seat.claim());
    })
  );
});

Deno.test("higher priority goes first, then first in, first out", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(
        queue,
        { id: "low", command: "true", priority: -5 },
        { id: "first", command: "true" },
        { id: "second", command: "true", priority: 0 },
        { id: "high", command: "true", priority: 9 },
      );
      const seat = await queue.join("w1");
      const order: string[] = [];
      for (let i = 0; i < 4; i++) order.push((await runNext(seat, SUCCESS)).id);
      assert.deepEqual(order, ["high", "first", "second", "low"]);
    })
  );
});

Deno.test("a job for later is claimed when it falls due, and says when", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "later", command: "true", run_at: "2030-01-01T00:01:00.000Z" });
      const seat = await queue.join("w1");
      const claim = nothing(await seat.claim());
      assert.deepEqual([claim.nextDue, claim.unfinished], [START + 60_000, 1]);
      time.advance(59);
      nothing(await seat.claim());
      time.advance(1);
      assert.equal((await take(seat)).id, "later");
    })
  );
});

Deno.test("a failed job waits for its backoff while others run", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "bad", command: "false" }, { id: "good", command: "true" });
      const seat = await queue.join("w1");
      await runNext(seat, FAILURE);
      assert.equal((await runNext(seat, SUCCESS)).id, "good");
      nothing(await seat.claim());
      time.advance(2);
      assert.equal((await take(seat)).attempts, 2);
    })
  );
});

Deno.test("nothing is claimed while the queue is paused", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      assert.equal(await queue.setPaused(true), true);
      assert.equal(await queue.setPaused(true), false);
      assert.equal(nothing(await seat.claim()).paused, true);
      await queue.setPaused(false);
      assert.equal((await take(seat)).id, "a");
    })
  );
});

Deno.test("a job runs when all that it depends on is completed: fan-in, fan-out, diamond", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(
        queue,
        dependent("last", "left", "right"),
        dependent("left", "root"),
        dependent("right", "root"),
        { id: "root", command: "true" },
      );
      const seat = await queue.join("w1");
      const order: string[] = [];
      for (let i = 0; i < 4; i++) order.push((await runNext(seat, SUCCESS)).id);
      assert.deepEqual(order, ["root", "left", "right", "last"]);
    })
  );
});

Deno.test("jobs that wait for one that died or was cancelled go to the DLQ with it, all the way down", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(
        queue,
        dependent("a"),
        dependent("b", "a"),
        dependent("c", "b"),
        dependent("d"),
        dependent("e", "d"),
      );
      const seat = await queue.join("w1");
      await runNext(seat, FAILURE);
      assert.equal((await jobOf(queue, "b")).error, "dependency 'a' is dead");
      assert.equal((await jobOf(queue, "c")).error, "dependency 'b' is dead");
      await queue.cancel(["d"]);
      assert.equal((await jobOf(queue, "e")).error, "dependency 'd' is cancelled");
      await assert.rejects(
        () => queue.retryDead(["b"], { withDependents: false }),
        /depends on 'a', which is dead/,
      );
      await queue.retryDead(["a", "b", "c"], { withDependents: false });
      const order: string[] = [];
      for (let i = 0; i < 3; i++) order.push((await runNext(seat, SUCCESS)).id);
      assert.deepEqual(order, ["a", "b", "c"]);
    })
  );
});

Deno.test("settling one run may take the next job with it, but never for a run that is not current", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" }, { id: "b", command: "true" });
      const seat = await queue.join("w1");
      const a = await take(seat);
      const refused = await seat.settle({ id: "a", run: "another" }, SUCCESS, true);
      assert.deepEqual([refused.job, refused.next], [undefined, undefined]);
      const { job, next } = await seat.settle({ id: "a", run: a.run! }, SUCCESS, true);
      assert.deepEqual([job?.state, next?.job.id], ["completed", "b"]);
    })
  );
});

Deno.test("a job that the end of another makes ready goes before those of a lower priority", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(
        queue,
        { id: "a", command: "true", priority: 10 },
        { id: "c", command: "true" },
        { ...dependent("b", "a"), priority: 5 },
      );
      const seat = await queue.join("w1");
      const first = await take(seat);
      const { next } = await seat.settle({ id: first.id, run: first.run! }, SUCCESS, true);
      assert.equal((next?.job ?? await take(seat)).id, "b");
    })
  );
});

Deno.test("while the queue is paused nothing falls due, however late it is: no worker looks again and again", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "later", command: "true", run_at: "2030-01-01T00:01:00.000Z" });
      await queue.setPaused(true);
      time.advance(3600);
      const seat = await queue.join("w1");
      const { nextDue, unfinished } = nothing(await seat.claim());
      assert.deepEqual([nextDue, unfinished], [undefined, 1]);
    })
  );
});

Deno.test("a clock that was set back makes no job wait shorter than nothing", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" });
      time.advance(-3600);
      assert.equal((await take(await queue.join("w1"))).waited_seconds, 0);
    })
  );
});
