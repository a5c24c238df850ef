import assert from "node:assert/strict";
import type { Queue } from "../../src/model/queue.ts";
import { Housekeeping } from "../../src/worker/housekeeping.ts";
import type { WorkerEvent } from "../../src/worker/events.ts";
import { add, FAILURE, runNext, SUCCESS, withQueue } from "../support/queue.ts";
import { readJobs } from "../support/files.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

const DAY = 86_400;

function housekeepingOf(
  queue: Queue,
  clock: () => number,
  onEvent: (event: WorkerEvent) => void = () => {},
): Housekeeping {
  return new Housekeeping({ queue, clock, alive: () => [], isIdle: () => true, onEvent });
}

Deno.test("jobs older than the retention go by themselves, with the logs of workers that left", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await queue.setConfig("retention_days", 7);
      await add(queue, { id: "done", command: "true" }, {
        id: "dead",
        command: "x",
        max_retries: 0,
      });
      const seat = await queue.join("worker-old");
      await runNext(seat, SUCCESS);
      await runNext(seat, FAILURE);
      await seat.leave();
      const old = time.now / 1000;
      await Deno.utime(`${directory}/logs/worker-old.log`, old, old);
      time.advance(6 * DAY);
      await add(queue, { id: "waits", command: "true" });
      const first = housekeepingOf(queue, time.read);
      await first.finish();
      assert.equal((await queue.list({})).total, 3);
      time.advance(2 * DAY);
      const second = housekeepingOf(queue, time.read);
      await second.finish();
      assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["waits"]);
      await assert.rejects(() => queue.findWorkerLog("worker-old"), /no worker 'worker-old'/);
    });
  });
});

Deno.test("schedules are looked at while workers run, and told of", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      const job = { command: "true" };
      const schedule = {
        name: "s",
        cron: "0 * * * *",
        time_zone: "UTC",
        missed: "once",
        job,
      } as const;
      await queue.addSchedule(schedule, { replace: false });
      time.advance(3600);
      const events: WorkerEvent[] = [];
      const housekeeping = housekeepingOf(queue, time.read, (event) => events.push(event));
      housekeeping.start();
      await waitUntil("it is told of", () => events.length > 0);
      await housekeeping.finish();
      assert.deepEqual(events.map(({ event, job }) => [event, job]), [
        ["scheduled", "s:20300101T010000Z"],
      ]);
    });
  });
});

for (const isIdle of [true, false]) {
  const workers = isIdle ? "rest" : "work";
  Deno.test(`jobs.json is not brought up to date at once while workers ${workers}, but ${isIdle ? "soon" : "in the end"}`, async () => {
    await withDirectory(async (directory) => {
      await withQueue(directory, async (queue) => {
        await add(queue, { id: "a", command: "true" });
        await queue.checkpoint("wait");
        const seat = await queue.join("worker-test");
        await runNext(seat, SUCCESS);
        let looks = 0;
        const housekeeping = new Housekeeping({
          queue,
          clock: Date.now,
          alive: () => [seat.id],
          isIdle: () => {
            looks++;
            return isIdle;
          },
          onEvent: () => {},
        });
        const isUpToDate = (): boolean =>
          readJobs(`${directory}/jobs.json`)[0]!.state === "completed";
        housekeeping.start();
        housekeeping.noteWork();
        await waitUntil("it is up to date", isUpToDate);
        // It looks at once, and then once a second.
        assert.ok(isIdle ? looks === 2 : looks >= 2, String(looks));
        await housekeeping.finish();
        await seat.leave();
      });
    });
  });
}

Deno.test("a checkpoint that failed is tried again", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      let tries = 0;
      const refusing: Queue = {
        ...queue,
        checkpoint: async (contention) => {
          if (++tries < 3) throw new Error("the disk is full");
          return await queue.checkpoint(contention);
        },
      };
      const events: WorkerEvent[] = [];
      const housekeeping = housekeepingOf(refusing, time.read, (event) => events.push(event));
      await add(queue, { id: "a", command: "true" });
      housekeeping.start();
      housekeeping.noteWork();
      await waitUntil("it has been tried again", () => tries >= 3);
      await housekeeping.finish();
      assert.deepEqual(events.map(({ error }) => error), ["the disk is full"]);
    });
  });
});

Deno.test("of many old jobs some go at each look, until none is left", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await queue.setConfig("retention_days", 7);
      const limits: (number | undefined)[] = [];
      const many: Queue = {
        ...queue,
        prune: ({ limit }) => {
          limits.push(limit);
          return Promise.resolve(Array(limits.length < 3 ? limit! : 5));
        },
      };
      const housekeeping = housekeepingOf(many, time.read);
      housekeeping.start();
      await waitUntil("all are gone", () => limits.length === 3);
      await housekeeping.finish();
      assert.deepEqual(limits, [1000, 1000, 1000], "the last look is no time to look for more");
    });
  });
});

Deno.test("the last round begins when the one before has ended", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const calls: string[] = [];
      const slow: Queue = {
        ...queue,
        fireSchedules: async () => {
          calls.push("begins");
          await promise;
          calls.push("ends");
          return [];
        },
        checkpoint: (contention) => {
          calls.push(contention);
          return queue.checkpoint(contention);
        },
      };
      const housekeeping = housekeepingOf(slow, time.read);
      housekeeping.start();
      await waitUntil("a round", () => calls.length > 0);
      const finished = housekeeping.finish();
      await queue.status();
      assert.deepEqual(calls, ["begins"]);
      resolve();
      await finished;
      assert.deepEqual([calls[1], calls.at(-1)], ["ends", "wait"]);
    });
  });
});
