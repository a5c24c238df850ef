/** Jobs wait for others. */
import assert from "node:assert/strict";
import { waitUntil } from "../../support/wait_until.ts";
import { type Cases, claimed, drain, FAILED, keyOf, OK, refused } from "../case.ts";

export const DEPENDING: Cases = {
  "a job waits for those that it depends on: in a fan, in a diamond, ended or not": async (
    { enqueue, join },
  ) => {
    await enqueue({ id: "top" });
    await enqueue({ id: "left", depends_on: ["top"] }, { id: "right", depends_on: ["top"] });
    await enqueue({ id: "bottom", depends_on: ["left", "right"] });
    const seat = await join();
    assert.deepEqual(await drain(seat, 4), ["top", "left", "right", "bottom"]);
    await enqueue({ id: "after", depends_on: ["bottom"] });
    assert.deepEqual(await drain(seat, 1), ["after"]);
  },

  "a job that waits for one that runs is left in peace": async ({ enqueue, join }) => {
    await enqueue({ id: "runs" }, { id: "waits", depends_on: ["runs"] });
    const seat = await join();
    const { job } = await claimed(seat);
    for (let looks = 0; looks < 2; looks++) {
      const nothing = await (await join()).claim();
      assert.ok(nothing.kind === "nothing" && nothing.unfinished === 2);
      assert.ok((nothing.nextDue ?? Infinity) > Date.now() + 1_000, "it looks again at once");
    }
    await seat.settle(keyOf(job), OK, false);
    assert.deepEqual(await drain(seat, 1), ["waits"]);
  },

  "a job whose dependency died or was cancelled is dead, and can come back with it": async (
    { queue, enqueue, join },
  ) => {
    await enqueue({ id: "a", max_retries: 0 }, { id: "b", depends_on: ["a"] }, {
      id: "c",
      depends_on: ["b"],
    });
    const seat = await join();
    const { job } = await claimed(seat);
    await seat.settle(keyOf(job), FAILED, false);
    const dead = await waitUntil("their end", async () => {
      // On a server those that wait may find out at their next look.
      assert.equal((await seat.claim()).kind, "nothing");
      const jobs = await queue.get(["a", "b", "c"]);
      return jobs.every(({ state }) => state === "dead") && jobs;
    });
    assert.match(dead[1]!.error!, /dependency 'a' is dead/);
    await enqueue({ id: "d" }, { id: "e", depends_on: ["d"] });
    const { buried } = await queue.cancel(["d"]);
    assert.deepEqual(buried, ["e"]);
    assert.equal((await queue.get(["e"]))[0]!.state, "dead");
    await refused(
      () => queue.retryDead(["b"], { withDependents: false }),
      "conflict",
      /depends on 'a'/,
    );
    const back = await queue.retryDead(["a"], { withDependents: true });
    assert.deepEqual(back.map(({ id }) => id).sort(), ["a", "b", "c"]);
    assert.deepEqual(await drain(seat, 3), ["a", "b", "c"]);
  },

  "of all dead jobs those stay that depend on a cancelled one, however far": async (
    { queue, enqueue, join },
  ) => {
    await enqueue({ id: "gone" }, { id: "stays", depends_on: ["gone"] });
    await enqueue({ id: "stays-too", depends_on: ["stays"] }, { id: "dies", max_retries: 0 });
    await queue.cancel(["gone"]);
    await drain(await join(), 1, FAILED);
    const back = await queue.retryDead(undefined, { withDependents: false });
    assert.deepEqual(back.map(({ id }) => id), ["dies"]);
    const dead = await queue.list({ states: ["dead"] });
    assert.deepEqual(dead.jobs.map(({ id }) => id).sort(), ["stays", "stays-too"]);
  },

  "nobody can wait for a job that is not there, or in a circle": async ({ queue, enqueue }) => {
    await refused(() => enqueue({ id: "a", depends_on: ["nobody"] }), "not_found", /nobody/);
    await refused(
      () => enqueue({ id: "a", depends_on: ["b"] }, { id: "b", depends_on: ["a"] }),
      "usage",
      /circle/,
    );
    assert.equal((await queue.list({})).total, 0);
  },

  "nobody can wait in a circle through an id that is used again": async (
    { queue, enqueue, join },
  ) => {
    await enqueue({ id: "y" });
    await drain(await join(), 1);
    await enqueue({ id: "w", run_at: "2099-01-01T00:00:00Z" }, { id: "z", depends_on: ["y", "w"] });
    await enqueue({ id: "x", depends_on: ["z"] });
    await queue.delete(["y"]);
    await refused(() => enqueue({ id: "y", depends_on: ["x"] }), "usage", /circle/);
    await enqueue({ id: "y", depends_on: ["w"] });
  },

  "a job that loses two dependencies at once has ended once": async (
    { queue, enqueue, again, finished, join },
  ) => {
    await queue.setConfig("on_finish", "true");
    const other = await (await again()).join("worker-other");
    const seat = await join();
    const rounds = 8;
    for (let round = 0; round < rounds; round++) {
      const [a, b] = [`a${round}`, `b${round}`];
      await enqueue({ id: a, max_retries: 0 }, { id: b, max_retries: 0 });
      await enqueue({ id: `c${round}`, depends_on: [a, b] });
      const runs = [await claimed(seat), await claimed(other)];
      const [first, second] = runs.map(({ job }) => keyOf(job));
      await Promise.all([
        seat.settle(first!, FAILED, false),
        other.settle(second!, FAILED, false),
      ]);
    }
    const { total, jobs } = await waitUntil("all ends", async () => {
      await seat.claim();
      const page = await queue.list({ states: ["dead"] });
      return page.total >= 3 * rounds && page;
    });
    assert.deepEqual([total, new Set(jobs.map(({ id }) => id)).size], [3 * rounds, 3 * rounds]);
    const told = finished.flatMap((each) => each.jobs.map(({ id }) => id)).sort();
    assert.deepEqual(told, jobs.map(({ id }) => id).sort());
    await other.leave();
  },

  "what waits for a job that begins anew waits on": async ({ queue, enqueue, join }) => {
    await enqueue({ id: "first" });
    const seat = await join();
    assert.deepEqual(await drain(seat, 1), ["first"]);
    await enqueue({ id: "second", depends_on: ["first"] });
    await queue.retry(["first"], { force: true, withDependents: false });
    assert.deepEqual(await drain(seat, 2), ["first", "second"]);
  },

  "what waits for a job that dies with its worker can never run": async (
    { queue, enqueue, join, again, finished },
  ) => {
    await queue.setConfig("on_finish", "true");
    await enqueue({ id: "a", max_retries: 0 }, { id: "b", depends_on: ["a"] });
    const { job } = await claimed(await join());
    await (await again()).settleLost(keyOf(job));
    const [a, b] = await queue.get(["a", "b"]);
    assert.deepEqual([a!.state, b!.state], ["dead", "dead"]);
    const told = finished.flatMap(({ jobs }) => jobs.map(({ id }) => id));
    assert.deepEqual(told.sort(), ["a", "b"]);
  },
};
