import assert from "node:assert/strict";
import { WaitingLine } from "../../src/rules/waiting_line.ts";
import { LONG_BYTES } from "../../src/files/snapshot.ts";
import { type Job, newRecord, type State } from "../../src/model/job.ts";
import { dueSince } from "../../src/rules/due_since.ts";
import { type Keep, Records } from "../../src/rules/records.ts";
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

const NOW = "2030-01-01T00:00:00.000Z";

/** So much text makes `jobs.json` one that is read a line at a time. */
const LONG = "x".repeat(LONG_BYTES);

for (const [length, text] of [["a short", "true"], ["a long", `: ${LONG}`]] as const) {
  Deno.test(`of ${length} queue a worker keeps no completed job, of dead ones only that they are, and all that waits`, async () => {
    await withDirectory(async (directory) => {
      await withQueue(directory, async (queue) => {
        const tricky = `echo '","state":"completed","attempts":'`;
        await add(
          queue,
          { id: "done", command: text, priority: 3 },
          { id: "dead", command: "false", max_retries: 0, priority: 2 },
          { id: "tricky", command: tricky, depends_on: ["done"] },
          { id: "held", command: "true", depends_on: ["tricky"] },
        );
        const seat = await queue.join("worker-test");
        await runNext(seat, SUCCESS);
        await runNext(seat, FAILURE);
        await seat.leave();
        await queue.checkpoint("wait");
      });
      await withStore(directory, (store) => {
        const kept = [...store.records.values()].map(({ id, state }): [string, State] => [
          id,
          state,
        ]);
        assert.deepEqual(kept, [["tricky", "pending"], ["held", "pending"], ["dead", "dead"]]);
        assert.equal(store.records.counts.completed, 1);
        assert.equal(new WaitingLine(store.records).first(Date.now())?.id, "tricky");
      }, testEnvironment({ keep: "unfinished" }));
    });
  });
}

Deno.test("of a short queue everything is kept, until it is long", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "done", command: "true" }, { id: "waits", command: "true" });
      const seat = await queue.join("worker-test");
      await runNext(seat, SUCCESS);
      await seat.leave();
      await queue.checkpoint("wait");
      const environment = testEnvironment({ keep: "unfinished", longBytes: 2_000 });
      await withStore(directory, async (store) => {
        assert.equal(store.records.get("done")?.state, "completed");
        await add(queue, { id: "large", command: `: ${"x".repeat(2_000)}` });
        await queue.checkpoint("wait");
        await store.refresh();
        assert.deepEqual([...store.records.values()].map(({ id }) => id), ["waits", "large"]);
        assert.equal(store.records.counts.completed, 1);
      }, environment);
    });
  });
});

Deno.test("jobs that are loaded together are the same as if each had been put", () => {
  const job: Job = {
    ...newRecord({ command: "true" }, { id: "a", seq: 1, now: NOW, maxRetries: 3 }),
  };
  const jobs: readonly Job[] = [
    job,
    { ...job, id: "b", state: "processing", run: "r", depends_on: ["a", "c"] },
    { ...job, id: "c", state: "completed" },
    { ...job, id: "d", state: "dead", depends_on: ["a"] },
    { ...job, id: "e", state: "cancelled", run: "s" },
    { ...job, id: "a", state: "failed", depends_on: ["d"] },
  ];
  const keeps: readonly Keep[] = ["all", "unfinished", { newest: 1 }, new Set(["a", "d"])];
  for (const keep of keeps) {
    const loaded = new Records(keep);
    loaded.load(jobs);
    const put = new Records(keep);
    for (const each of jobs) put.apply({ put: each });
    const told = (records: Records): unknown => ({
      jobs: [...records.values()],
      counts: { ...records.counts },
      running: records.running,
      dependents: ["a", "b", "c", "d", "e"].map((id) => [...records.dependentsOf(id)]),
    });
    assert.deepEqual(told(loaded), told(put));
  }
});

Deno.test("what a worker does not keep begins anew whole when others retry it", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(
        queue,
        ...["a", "b", "c"].map((id) => ({ id, command: `echo ${id}`, max_retries: 0 })),
      );
      const seat = await queue.join("worker-test");
      await runNext(seat, SUCCESS);
      await runNext(seat, FAILURE);
      await queue.cancel(["c"]);
      await seat.leave();
      await queue.checkpoint("wait");
      await withStore(directory, async (store) => {
        const options = { force: true, withDependents: false };
        await queue.retry(["a", "b", "c"], options);
        await store.refresh();
        const commands = [...store.records.values()].map(({ id, command }) => `${id}: ${command}`);
        assert.deepEqual(commands.sort(), ["a: echo a", "b: echo b", "c: echo c"]);
      }, testEnvironment({ keep: "unfinished" }));
    });
  });
});

Deno.test("a worker that finds files edited by hand reads everything, so that nothing is lost", async () => {
  await withDirectory(async (directory) => {
    const environment = testEnvironment();
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "done", command: "true" });
      const seat = await queue.join("worker-test");
      await runNext(seat, SUCCESS);
      await seat.leave();
    }, environment);
    const jobs = JSON.parse(await Deno.readTextFile(`${directory}/jobs.json`));
    jobs.push({ id: "by-hand", command: "true" });
    await Deno.writeTextFile(`${directory}/jobs.json`, JSON.stringify(jobs));
    await withStore(directory, async (store) => {
      await store.transact(() => ({ events: [{ paused: true }], result: undefined }));
    }, testEnvironment({ keep: "unfinished" }));
    await withQueue(directory, async (queue) => {
      const states = (await queue.list({})).jobs.map(({ id, state }) => [id, state]);
      assert.deepEqual(states, [["by-hand", "pending"], ["done", "completed"]]);
    }, environment);
  });
});

Deno.test("a worker knows since when a dependency is completed for as long as a job waits for it", () => {
  const records = new Records("unfinished");
  const put = (id: string, more: Partial<Job>): void => {
    const made = newRecord({ command: "true" }, { id, seq: 1, now: NOW, maxRetries: 0 });
    records.apply({ put: { ...made, ...more } });
  };
  put("first", {});
  put("second", { depends_on: ["first"] });
  const finished_at = "2030-01-01T00:00:05.000Z";
  records.apply({ set: { id: "first", state: "completed", updated_at: finished_at, finished_at } });
  assert.equal(dueSince(records.find("second"), records), Date.parse(finished_at));
  assert.deepEqual([records.counts.pending, records.counts.completed], [1, 1]);
  records.apply({ set: { id: "second", state: "completed", updated_at: finished_at } });
  assert.deepEqual([...records.values()], []);
  assert.deepEqual([records.counts.pending, records.counts.completed], [0, 2]);
  put("late", { depends_on: ["before this was read"] });
  assert.equal(dueSince(records.find("late"), records), undefined);
});

Deno.test("who does not keep every job knows when its counts cannot be relied on", () => {
  const made = { seq: 1, now: NOW, maxRetries: 0 };
  const fresh = newRecord({ command: "true" }, { ...made, id: "new" });
  const records = new Records("unfinished");
  records.countCompleted(5);
  records.apply({ put: fresh });
  assert.ok(records.isExact, "a new job");
  records.apply({ put: { ...fresh, id: "back", updated_at: "2030-01-01T00:00:01.000Z" } });
  assert.ok(!records.isExact, "one that was there before, completed by hand perhaps");
});
