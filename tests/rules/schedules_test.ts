import assert from "node:assert/strict";
import { checkpoint } from "../../src/files/checkpoint.ts";
import { examine } from "../../src/files/doctor.ts";
import { addSchedule } from "../../src/rules/schedules.ts";
import type { MissedPolicy } from "../../src/model/schedule.ts";
import type { Queue } from "../../src/model/queue.ts";
import { testEnvironment, withQueue, withStore } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

function hourly(queue: Queue, missed: MissedPolicy = "once"): Promise<unknown> {
  const schedule = { name: "s", cron: "0 * * * *", time_zone: "UTC", missed };
  return queue.addSchedule({ ...schedule, job: { command: "true" } }, { replace: false });
}

Deno.test("an occurrence is enqueued when it has come, once, and the next one is named", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await hourly(queue);
      assert.deepEqual(await queue.fireSchedules(), []);
      time.advance(3600);
      assert.deepEqual(await queue.fireSchedules(), ["s:20300101T010000Z"]);
      assert.deepEqual(await queue.fireSchedules(), []);
      assert.equal((await queue.schedules())[0]?.next_run, "2030-01-01T02:00:00.000Z");
    });
  });
});

Deno.test("of many supervisors at once one enqueues it", async () => {
  await withDirectory(async (directory) => {
    const environment = testEnvironment();
    await withQueue(directory, (queue) => hourly(queue), environment);
    environment.time.advance(3600);
    const fired = await Promise.all(
      Array.from(
        { length: 8 },
        () => withQueue(directory, (queue) => queue.fireSchedules(), environment),
      ),
    );
    assert.deepEqual(fired.flat(), ["s:20300101T010000Z"]);
  });
});

Deno.test("what was missed is made up for once, not at all, or all of it", async () => {
  const expected: Readonly<Record<MissedPolicy, readonly string[]>> = {
    once: ["s:20300101T040000Z"],
    skip: [],
    all: [1, 2, 3, 4].map((hour) => `s:20300101T0${hour}0000Z`),
  };
  for (const [missed, ids] of Object.entries(expected)) {
    await withDirectory(async (directory) => {
      await withQueue(directory, async (queue, { time }) => {
        await hourly(queue, missed as MissedPolicy);
        time.advance(4 * 3600 + 600);
        assert.deepEqual(await queue.fireSchedules(), ids, missed);
        time.advance(3000);
        assert.deepEqual(await queue.fireSchedules(), ["s:20300101T050000Z"], missed);
      });
    });
  }
});

Deno.test("very many missed occurrences come in several transactions, none left out", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await hourly(queue, "all");
      time.advance(2500 * 3600);
      const counts: number[] = [];
      for (let round = 0; round < 4; round++) counts.push((await queue.fireSchedules()).length);
      assert.deepEqual(counts, [1000, 1000, 500, 0]);
    });
  });
});

Deno.test("what passes while a schedule is paused was not missed", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await hourly(queue, "all");
      await queue.pauseSchedules(["s"], true);
      time.advance(5 * 3600);
      assert.deepEqual(await queue.fireSchedules(), []);
      await queue.pauseSchedules(["s"], false);
      assert.deepEqual(await queue.fireSchedules(), []);
      time.advance(3600);
      assert.deepEqual(await queue.fireSchedules(), ["s:20300101T060000Z"]);
    });
  });
});

Deno.test("an hour that the clocks skip or repeat in spring and autumn is no trouble", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      time.now = Date.parse("2030-03-30T12:00:00Z");
      const job = { command: "true" };
      const schedule = { name: "s", cron: "30 2 * * *", time_zone: "Europe/Berlin" };
      await queue.addSchedule({ ...schedule, missed: "all", job }, { replace: false });
      time.now = Date.parse("2030-04-02T12:00:00Z");
      assert.equal((await queue.fireSchedules()).length, 3, "half past two is skipped on the 31st");
      await queue.pauseSchedules(["s"], true);
      time.now = Date.parse("2030-10-26T12:00:00Z");
      await queue.pauseSchedules(["s"], false);
      time.now = Date.parse("2030-10-28T12:00:00Z");
      assert.equal(
        (await queue.fireSchedules()).length,
        2,
        "half past two comes once on the 27th",
      );
    });
  });
});

Deno.test("schedules and the pause survive a checkpoint and a restart", async () => {
  await withDirectory(async (directory) => {
    const environment = testEnvironment();
    await withQueue(directory, async (queue) => {
      await hourly(queue);
      await queue.setPaused(true);
      await queue.checkpoint("wait");
    }, environment);
    await withQueue(directory, async (queue) => {
      assert.equal((await queue.schedules()).length, 1);
      assert.equal((await queue.status()).paused, true);
      await queue.removeSchedules(["s"]);
    }, environment);
    await withQueue(directory, async (queue) => {
      assert.deepEqual(await queue.schedules(), []);
    }, environment);
  });
});

Deno.test("of occurrences that come every second none is lost between two looks", async () => {
  for (const missed of ["once", "skip"] as const) {
    await withDirectory(async (directory) => {
      await withQueue(directory, async (queue, { time }) => {
        const schedule = { name: "s", cron: "* * * * * *", time_zone: "UTC", missed };
        await queue.addSchedule({ ...schedule, job: { command: "true" } }, { replace: false });
        time.advance(5);
        assert.equal((await queue.fireSchedules()).length, 5);
        time.advance(3600);
        const late = await queue.fireSchedules();
        assert.equal(
          late.length,
          missed === "once" ? 62 : 61,
          "the last minute, and one for all before it",
        );
      });
    });
  }
});

Deno.test("resume of what is not paused changes nothing, and replace leaves the pause", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await hourly(queue);
      time.advance(3600);
      await queue.pauseSchedules(["s"], false);
      assert.equal((await queue.fireSchedules()).length, 1);
      await queue.pauseSchedules(["s"], true);
      const schedule = { name: "s", cron: "30 * * * *", time_zone: "UTC", missed: "once" } as const;
      await queue.addSchedule({ ...schedule, job: { command: "true" } }, { replace: true });
      assert.equal((await queue.schedules())[0]?.paused, true);
    });
  });
});

Deno.test("a header with more schedules than one would think is read whole, by doctor too", async () => {
  await withDirectory(async (directory) => {
    const environment = testEnvironment();
    await withQueue(directory, async (queue) => {
      const schedule = { cron: "@daily", time_zone: "UTC", missed: "once" } as const;
      for (let i = 0; i < 3; i++) {
        const job = { command: `echo ${"x".repeat(100_000)}` };
        await queue.addSchedule({ ...schedule, name: `s${i}`, job }, { replace: false });
      }
      await queue.checkpoint("wait");
    }, environment);
    await withQueue(directory, async (queue) => {
      assert.equal((await queue.schedules()).length, 3);
    }, environment);
    const options = { clock: environment.clock, onProgress: () => {} };
    assert.deepEqual((await examine(directory, options)).problems, []);
  });
});

Deno.test("schedules and the pause stay when the JSON files are emptied by hand", async () => {
  for (const checkpointed of [true, false]) {
    await withDirectory(async (directory) => {
      const environment = testEnvironment();
      await withQueue(directory, async (queue) => {
        await queue.enqueue([{ command: "true" }], { ifAbsent: false });
      }, environment);
      await withStore(directory, async (store) => {
        const job = { command: "true" };
        const schedule = {
          name: "s",
          cron: "@daily",
          time_zone: "UTC",
          missed: "once",
          job,
        } as const;
        await store.transact((view) => addSchedule(view, schedule, { replace: false }));
        await store.transact(() => ({ events: [{ paused: true }], result: undefined }));
        if (checkpointed) await checkpoint(store, "wait");
      }, environment);
      for (const name of ["jobs", "dlq"]) {
        await Deno.writeTextFile(`${directory}/${name}.json`, "[]");
      }
      await withQueue(directory, async (queue) => {
        await queue.enqueue([{ command: "true" }], { ifAbsent: false });
        assert.equal((await queue.schedules()).length, 1);
        assert.equal((await queue.status()).paused, true);
        assert.equal((await queue.list({})).total, 1);
      }, environment);
    });
  }
});

Deno.test("a clock that was far ahead for a while does not silence a schedule for as long", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, { time }) => {
      await hourly(queue);
      time.advance(86_400);
      assert.ok((await queue.fireSchedules()).includes("s:20300102T000000Z"));
      time.advance(-86_400);
      assert.deepEqual(await queue.fireSchedules(), []);
      assert.equal((await queue.schedules())[0]?.next_run, "2030-01-01T01:00:00.000Z");
      time.advance(3600);
      assert.deepEqual(await queue.fireSchedules(), ["s:20300101T010000Z"]);
    });
  });
});
