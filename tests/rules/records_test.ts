import assert from "node:assert/strict";
import { WaitingLine } from "../../src/rules/waiting_line.ts";
import type { State } from "../../src/model/job.ts";
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

Deno.test("a worker keeps no completed job, of dead ones only that they are, and all that waits", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      const tricky = `echo '","state":"completed","attempts":'`;
      await add(
        queue,
        { id: "done", command: "true", priority: 3 },
        { id: "dead", command: "false", max_retries: 0, priority: 2 },
        { id: "tricky", command: tricky, depends_on: ["done"] },
        { id: "held", command: "true", depends_on: ["tricky"] },
      );
      const seat = await queue.join("worker-test");
      await runNext(seat, SUCCESS);
      await runNext(seat, FAILURE);
      await seat.leave();
    });
    await withStore(directory, (store) => {
      const kept = [...store.records.values()].map(({ id, state }): [string, State] => [id, state]);
      assert.deepEqual(kept, [["tricky", "pending"], ["held", "pending"], ["dead", "dead"]]);
      assert.equal(new WaitingLine(store.records).first(Date.now())?.id, "tricky");
    }, testEnvironment({ keep: "unfinished" }));
  });
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
