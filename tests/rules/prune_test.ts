import assert from "node:assert/strict";
import fc from "fast-check";
import type { Job } from "../../src/model/job.ts";
import { leavingOrder } from "../../src/rules/prune.ts";
import { add, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

function job(id: string, state: Job["state"], depends_on: readonly string[]): Job {
  const at = "2030-01-01T00:00:00.000Z";
  const times = { created_at: at, updated_at: at };
  return { id, command: "true", state, attempts: 1, max_retries: 0, ...times, seq: 1, depends_on };
}

/** Jobs that depend on earlier ones only; the last ones have not ended. */
const queues = fc.array(
  fc.record({
    state: fc.constantFrom<Job["state"]>("completed", "dead", "cancelled", "pending"),
    depends_on: fc.uniqueArray(fc.nat(20), { maxLength: 3 }),
    isOld: fc.boolean(),
  }),
  { maxLength: 20 },
).map((given) =>
  given.map(({ state, depends_on, isOld }, index) => ({
    job: job(`j${index}`, state, depends_on.filter((on) => on < index).map((on) => `j${on}`)),
    isOld: isOld && state !== "pending",
  }))
);

/** True if a job that is not completed holds this one back. */
function isHeld(before: Job, stays: readonly Job[]): boolean {
  return before.state !== "completed" &&
    stays.some((each) => each.state !== "completed" && each.depends_on!.includes(before.id));
}

Deno.test("wherever a prune is cut, no job stays that depends on one that is gone and was not completed", () => {
  fc.assert(fc.property(queues, (queue) => {
    const all = queue.map((each) => each.job);
    const old = queue.filter(({ isOld }) => isOld).map((each) => each.job);
    const dependentsOf = (id: string): readonly Job[] =>
      all.filter(({ depends_on }) => depends_on!.includes(id));
    const order = leavingOrder(old, dependentsOf);
    for (let cut = 0; cut <= order.length; cut++) {
      const gone = order.slice(0, cut);
      const stays = all.filter((each) => !gone.includes(each));
      for (const each of gone) assert.ok(!isHeld(each, stays), each.id);
    }
    const stays = all.filter((each) => !order.includes(each));
    for (const each of old.filter((each) => !order.includes(each))) {
      assert.ok(isHeld(each, stays), `${each.id} could have gone`);
    }
  }));
});

Deno.test("what is kept back through a long chain is found in one walk", () => {
  const length = 20_000;
  const chain = Array.from(
    { length },
    (_, index) =>
      job(
        `j${index}`,
        index === length - 1 ? "pending" : "cancelled",
        index === 0 ? [] : [`j${index - 1}`],
      ),
  );
  let asked = 0;
  const order = leavingOrder(chain.slice(0, -1), (id) => {
    asked++;
    return [chain[Number(id.slice(1)) + 1]!];
  });
  assert.deepEqual([order.length, asked], [0, length - 1]);
});

Deno.test("a cancelled job stays until its run has ended, however old it is", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      await queue.cancel(["a"]);
      const before = time.now + 60_000;
      const filter = { states: ["cancelled"], workerLogs: false, dryRun: false } as const;
      const prune = (): Promise<readonly Job[]> => queue.prune({ ...filter, endedBefore: before });
      time.advance(3600);
      assert.deepEqual(await prune(), []);
      await seat.settle({ id: "a", run: run! }, { kind: "interrupted" }, false);
      assert.deepEqual((await prune()).map(({ id }) => id), ["a"]);
    })
  );
});
