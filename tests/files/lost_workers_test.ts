/** When a run counts as given up: seen by a clock that is moved by hand. */
import assert from "node:assert/strict";
import { cancel } from "../../src/files/cancel.ts";
import { enqueue } from "../../src/files/enqueue.ts";
import { join } from "../../src/files/join.ts";
import { LostWorkers } from "../../src/files/lost_workers.ts";
import type { Store } from "../../src/files/store.ts";
import { idMaker, type Job } from "../../src/model/job.ts";
import type { Seat } from "../../src/model/seat.ts";
import { type Clock, take, withStore } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** A worker that says nothing any more, in the midst of a run, and who looks for such. */
interface Frozen {
  readonly store: Store;
  readonly time: Clock;
  readonly seat: Seat;
  readonly job: Job;
  /** Lets time pass, in seconds, with a look after each of so many. @returns whose runs are lost then */
  pass(seconds: number, every?: number, alive?: readonly string[]): Promise<readonly string[]>;
}

/** @param leaseSeconds how long it may say nothing */
async function withFrozen(
  leaseSeconds: number,
  work: (frozen: Frozen) => Promise<void>,
): Promise<void> {
  await withDirectory(async (directory) => {
    Deno.writeTextFileSync(
      `${directory}/config.json`,
      JSON.stringify({ lease_seconds: leaseSeconds }),
    );
    await withStore(directory, async (store, { time }) => {
      const makeId = idMaker(time.read, () => 0.5);
      await enqueue(store, [{ id: "a", command: "true" }], { ifAbsent: false, makeId });
      const seat = await join(store, "w1", makeId);
      const job = await take(seat);
      const lost = new LostWorkers(store, () => time.now);
      const look = async (alive: readonly string[]): Promise<readonly string[]> => {
        const found = await lost.find(alive);
        for (const each of found) each.release();
        return found.flatMap(({ id, runs }) => runs.map((run) => `${id} ${run.id}`));
      };
      await look([]);
      await work({
        store,
        time,
        seat,
        job,
        pass: async (seconds, every = 10, alive = []) => {
          let found: readonly string[] = [];
          for (let passed = 0; passed < seconds; passed += every) {
            time.advance(Math.min(every, seconds - passed));
            found = await look(alive);
          }
          return found;
        },
      });
      await seat.leave();
    });
  });
}

Deno.test("a lease is over when it was seen unchanged for its length, and not before", async () => {
  await withFrozen(60, async ({ pass }) => {
    assert.deepEqual(await pass(60), []);
    assert.deepEqual(await pass(1), ["w1 a"]);
  });
});

Deno.test("a lease that is prolonged begins anew, and who is known to live has none that is over", async () => {
  await withFrozen(60, async ({ pass, seat, job }) => {
    assert.deepEqual(await pass(50), []);
    assert.equal(await seat.renew({ id: "a", run: job.run! }), true);
    assert.deepEqual(await pass(60), [], "seen as it is after ten seconds of these");
    assert.deepEqual(await pass(50, 10, ["w1"]), []);
    assert.deepEqual(await pass(60), []);
    assert.deepEqual(await pass(20), ["w1 a"]);
  });
});

Deno.test("who stood still for long has not seen what happened meanwhile, and gives nobody up for it", async () => {
  await withFrozen(60, async ({ pass }) => {
    assert.deepEqual(await pass(3600, 3600), []);
    assert.deepEqual(await pass(60), []);
    assert.deepEqual(await pass(1), ["w1 a"]);
  });
});

Deno.test("where the lock could not be had at once no lease is over: its worker could not prolong it either", async () => {
  await withFrozen(60, async ({ pass, store, time }) => {
    const { locked } = store;
    store.locked = async (work) => {
      time.advance(2);
      return await locked.call(store, work) as Awaited<ReturnType<typeof work>>;
    };
    assert.deepEqual(await pass(61), []);
    store.locked = locked;
    assert.deepEqual(await pass(60), [], "all are seen afresh");
    assert.deepEqual(await pass(11), ["w1 a"]);
  });
});

Deno.test("the run of a cancelled job is given the time that its end may take, however short its lease", async () => {
  await withFrozen(5, async ({ pass, store }) => {
    await cancel(store, ["a"], undefined);
    assert.deepEqual(await pass(30), []);
    assert.deepEqual(await pass(11), ["w1 a"]);
  });
});
