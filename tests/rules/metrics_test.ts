import assert from "node:assert/strict";
import fc from "fast-check";
import { distribution } from "../../src/rules/metrics.ts";
import { formatPrometheus } from "../../src/cli/prometheus.ts";
import { add, FAILURE, runNext, SUCCESS, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("an empty queue has no rates and no percentiles", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      const metrics = await queue.metrics();
      assert.deepEqual(metrics.runs, { total: 0, succeeded: 0, failed: 0 });
      assert.equal(metrics.success_rate, null);
      assert.deepEqual(metrics.wait_seconds, { p50: null, p95: null, max: null });
      assert.doesNotMatch(formatPrometheus(metrics), /null|NaN/);
    });
  });
});

Deno.test("runs are counted and timed: from when each could have started, through its retries", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" }, { id: "b", command: "true", max_retries: 1 });
      const seat = await queue.join("worker-test");
      time.advance(4);
      const a = await take(seat);
      time.advance(10);
      await seat.settle({ id: "a", run: a.run! }, SUCCESS, false);
      assert.equal((await runNext(seat, FAILURE)).state, "failed");
      time.advance(5);
      await runNext(seat, FAILURE);
      time.advance(120);
      const metrics = await queue.metrics();
      assert.deepEqual(metrics.runs, { total: 3, succeeded: 1, failed: 2 });
      assert.equal(metrics.success_rate, 1 / 3);
      assert.deepEqual(metrics.wait_seconds, { p50: 4, p95: 14, max: 14 }, "4, 14, and 3 of 5 s");
      assert.deepEqual(metrics.run_seconds, { p50: 0, p95: 10, max: 10 });
      assert.deepEqual(metrics.throughput, { last_minute: 0, last_hour: 3 });
      assert.equal(metrics.counts.dead, 1);
      await seat.leave();
    });
  });
});

Deno.test("a percentile is a value that was there, and so many of all are no larger", () => {
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), (values) => {
    const { p50, p95, max } = distribution(values);
    for (const [percentile, percent] of [[p50, 50], [p95, 95], [max, 100]] as const) {
      assert.ok(values.includes(percentile!));
      const below = values.filter((value) => value <= percentile!).length;
      assert.ok(below >= values.length * percent / 100);
      const strictly = values.filter((value) => value < percentile!).length;
      assert.ok(strictly < values.length * percent / 100 || percent === 100);
    }
  }));
});

Deno.test("what people have cut off is neither a success nor a failure", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "cancelled", command: "true" }, { id: "stopped", command: "true" });
      const seat = await queue.join("worker-test");
      const { run } = await take(seat);
      await queue.cancel(["cancelled"]);
      await seat.settle({ id: "cancelled", run: run! }, { kind: "interrupted" }, false);
      await runNext(seat, { kind: "interrupted" });
      const { runs, success_rate, throughput } = await queue.metrics();
      assert.deepEqual(runs, { total: 0, succeeded: 0, failed: 0 });
      assert.equal(success_rate, null);
      assert.equal(throughput.last_hour, 0);
      const minutes = await queue.lastHour();
      assert.ok(minutes.every(({ succeeded, failed }) => succeeded + failed === 0));
      assert.equal(minutes.length, 60);
      assert.equal(minutes.at(-1)?.minute, "2030-01-01T00:00:00.000Z", "the one that goes on");
      await seat.leave();
    })
  );
});
