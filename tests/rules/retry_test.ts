import assert from "node:assert/strict";
import { DEFAULT_CONFIG } from "../../src/model/config.ts";
import { newRecord, type State } from "../../src/model/job.ts";
import { Records } from "../../src/rules/records.ts";
import { retryDead } from "../../src/rules/retry.ts";
import { add, FAILURE, jobOf, runNext, SUCCESS, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const NOW = "2030-01-01T00:00:00.000Z";

Deno.test("retry makes a failed job due now and starts a dead or cancelled one from zero; all or none", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(
        queue,
        { id: "failed", command: "false" },
        { id: "dead", command: "false", max_retries: 0 },
        { id: "done", command: "true" },
        { id: "gone", command: "true" },
      );
      const seat = await queue.join("w1");
      await runNext(seat, FAILURE);
      await runNext(seat, FAILURE);
      await runNext(seat, SUCCESS);
      await queue.cancel(["gone"]);
      await assert.rejects(
        () => queue.retry(["failed", "done"], { force: false, withDependents: false }),
        {
          code: "conflict",
        },
      );
      assert.equal((await jobOf(queue, "failed")).state, "failed");
      await queue.retry(["failed", "dead", "gone", "dead"], {
        force: false,
        withDependents: false,
      });
      const attempts = await Promise.all(["failed", "dead", "gone"].map((id) => jobOf(queue, id)));
      assert.deepEqual(attempts.map(({ state, attempts }) => [state, attempts]), [
        ["pending", 1],
        ["pending", 0],
        ["pending", 0],
      ]);
    })
  );
});

Deno.test("dlq retry takes only what is in the DLQ, and without ids all of it", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, ...["a", "b", "c"].map((id) => ({ id, command: "false", max_retries: 0 })));
      const seat = await queue.join("w1");
      await runNext(seat, FAILURE);
      await runNext(seat, FAILURE);
      await assert.rejects(
        () => queue.retryDead(["a", "c"], { withDependents: false }),
        /'c' is not in the dead letter queue/,
      );
      assert.equal((await queue.retryDead(undefined, { withDependents: false })).length, 2);
      assert.equal((await queue.retryDead(undefined, { withDependents: false })).length, 0);
      assert.equal((await take(seat)).id, "a");
    })
  );
});

Deno.test("of all dead jobs, and what depends on them, those come back that can", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "false", max_retries: 0 }, { id: "b", command: "true" });
      await add(queue, { id: "c", command: "true", depends_on: ["a", "b"] });
      await runNext(await queue.join("w1"), FAILURE);
      await queue.cancel(["b"]);
      const options = { withDependents: true };
      await assert.rejects(() => queue.retryDead(["a"], options), /depends on 'b'/);
      const back = await queue.retry(["a", "c"], { ...options, force: false }, "leave");
      assert.deepEqual(back.map(({ id }) => id), ["a"]);
      await queue.cancel(["a"]);
      await queue.retry(["a"], { force: false, withDependents: false });
      assert.deepEqual(await queue.retryDead(undefined, options), []);
    })
  );
});

Deno.test("a cancelled job that was put off by an edit waits for that time when it is retried", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      await queue.cancel(["a"]);
      await queue.edit(["a"], { run_at: "2030-01-02T00:00:00.000Z" });
      await queue.retry(["a"], { force: false, withDependents: false });
      assert.equal((await jobOf(queue, "a")).run_at, "2030-01-02T00:00:00.000Z");
    })
  );
});

Deno.test("jobs with very many dependents come back, or stay, like any others", () => {
  const records = new Records();
  const put = (id: string, state: State, depends_on?: readonly string[]): void => {
    const made = newRecord({ command: "true", ...(depends_on ? { depends_on } : {}) }, {
      id,
      seq: 1,
      now: NOW,
      maxRetries: 0,
    });
    records.apply({ put: { ...made, state } });
  };
  put("root", "cancelled");
  put("a", "dead", ["root"]);
  for (let i = 0; i < 200_000; i++) put(`b${i}`, "dead", ["a"]);
  const view = {
    records,
    now: NOW,
    next: 1,
    config: DEFAULT_CONFIG,
    random: () => 0.5,
  };
  assert.deepEqual(retryDead(view, undefined, false).result, []);
});

Deno.test("all dead jobs come back in the order of arrival, whenever they died", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, ...["a", "b", "c"].map((id) => ({ id, command: "false", max_retries: 0 })));
      await queue.edit(["b"], { priority: 1 });
      const seat = await queue.join("w1");
      await runNext(seat, FAILURE);
      await seat.leave();
    });
    await withQueue(directory, async (queue) => {
      const seat = await queue.join("w2");
      await runNext(seat, FAILURE);
      await runNext(seat, FAILURE);
      const back = await queue.retryDead(undefined, { withDependents: false });
      assert.deepEqual(back.map(({ id }) => id), ["a", "b", "c"]);
      await seat.leave();
    });
  });
});
