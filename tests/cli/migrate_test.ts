/** `migrate` between two directories; to servers and back in `stores_test.ts`. */
import assert from "node:assert/strict";
import { isThere } from "../../src/machine/io.ts";
import { ok, program, queuectl, start } from "../support/cli.ts";
import { HeldSides } from "../../src/cli/held_sides.ts";
import type { NewSchedule } from "../../src/model/schedule.ts";
import { add, runNext, SUCCESS, testEnvironment, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

async function withBoth(work: (here: string, there: string) => Promise<void>): Promise<void> {
  await withDirectory((directory) => work(`${directory}/here`, `${directory}/there`));
}

async function look(directory: string): Promise<{ paused: boolean; total: number }> {
  return await withQueue(directory, async (queue) => {
    const [{ paused }, { total }] = [await queue.status(), await queue.list({})];
    return { paused, total };
  });
}

Deno.test("of two moves at once one is refused or comes too late, and no job is lost", async () => {
  await withBoth(async (here, there) => {
    const jobs = Array.from(
      { length: 2_000 },
      (_, index) => ({ id: `j${index}`, command: "true" }),
    );
    await withQueue(here, (queue) => add(queue, ...jobs));
    await Deno.mkdir(there);
    const move = ["--data-dir", here, "migrate", "--to", there];
    const moves = await Promise.all([program(there, move), program(there, move)]);
    assert.ok(moves.some(({ code }) => code === 0));
    for (const { code, stderr } of moves) {
      if (code !== 0) assert.match(stderr, /another `migrate` moves the jobs of/);
    }
    assert.deepEqual(await look(here), { paused: false, total: 0 });
    assert.deepEqual(await look(there), { paused: false, total: 2_000 });
  });
});

Deno.test("a move that is stopped while it waits leaves both queues as they were", async () => {
  await withDirectory(async (here) => {
    await withDirectory(async (there) => {
      await ok(here, "enqueue", "--id", "runs", "--", "sleep", "600");
      const worker = start(here, ["worker", "start"]);
      const output = worker.output();
      const state = (): Promise<string | undefined> =>
        withQueue(here, async (queue) => (await queue.get(["runs"]))[0]?.state);
      await waitUntil("the run", async () => await state() === "processing");
      for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
        const moving = start(here, ["migrate", "--to", there]);
        await waitUntil("the pause", async () => (await look(there)).paused);
        moving.kill(signal);
        const { code, stderr } = await moving.output();
        assert.equal(code, expected);
        assert.match(new TextDecoder().decode(stderr), /stopped: nothing was moved/);
        assert.deepEqual(await look(here), { paused: false, total: 1 });
        assert.deepEqual(await look(there), { paused: false, total: 0 });
      }
      worker.kill("SIGINT");
      worker.kill("SIGTERM");
      await ok(here, "worker", "stop", "--force", "--wait");
      await output;
    });
  });
});

Deno.test("what a schedule has missed is not forgotten by a move, and one that people have paused stays so", async () => {
  await withBoth(async (here, there) => {
    const hour = 3_600_000;
    const now = Date.parse("2030-01-01T00:30:00.000Z");
    const add = ["schedule", "add", "s", "--cron", "0 * * * *", "--time-zone", "UTC"];
    for (const line of [[...add, "--missed", "all", "--", "true"], ["pause"]]) {
      assert.equal((await queuectl(here, line, { now })).code, 0);
    }
    const { code, stderr } = await queuectl(here, ["migrate", "--to", there], {
      now: now + 5 * hour,
    });
    assert.equal(code, 0, stderr);
    const { stdout } = await queuectl(there, ["schedule", "list", "--json"]);
    const [schedule] = JSON.parse(stdout).schedules;
    assert.deepEqual([schedule.name, schedule.next_run], ["s", "2030-01-01T01:00:00.000Z"]);
    assert.equal((await look(here)).paused, true);
    assert.equal((await look(there)).paused, false);
  });
});

Deno.test("a queue that is not there is not fetched, and none is made in a place without a name", async () => {
  await withBoth(async (here, there) => {
    for (const flags of [["--from", there], ["--to", ""], ["--from", ""]]) {
      assert.notEqual((await queuectl(here, ["migrate", ...flags])).code, 0, flags.join(" "));
      assert.ok(!isThere(here) && !isThere(there), flags.join(" "));
    }
  });
});

Deno.test("jobs come out of the new queue in the order in which they went into the old one", async () => {
  await withBoth(async (here, there) => {
    const ids = Array.from({ length: 5 }, (_, index) => `j${index}`);
    await withQueue(here, (queue) => add(queue, ...ids.map((id) => ({ id, command: "true" }))));
    assert.equal((await queuectl(here, ["migrate", "--to", there])).code, 0);
    await withQueue(there, async (queue) => {
      const seat = await queue.join("w1");
      const order: string[] = [];
      for (const _ of ids) order.push((await runNext(seat, SUCCESS)).id);
      assert.deepEqual(order, ids);
      await seat.leave();
    });
  });
});

Deno.test("of two schedules with one name none is moved over the other, and nothing is changed", async () => {
  await withBoth(async (here, there) => {
    const add = ["schedule", "add", "s", "--cron", "0 3 * * *", "--time-zone", "UTC", "--", "echo"];
    for (const directory of [here, there]) {
      assert.equal((await queuectl(directory, [...add, directory])).code, 0);
    }
    assert.equal((await queuectl(here, ["enqueue", "--id", "a", "--", "true"])).code, 0);
    const { code, stderr } = await queuectl(here, ["migrate", "--to", there]);
    assert.equal(code, 1);
    assert.match(stderr, /there is another schedule 's' in .*\n {2}remove one of the two/);
    assert.deepEqual(await look(here), { paused: false, total: 1 });
    assert.deepEqual(await look(there), { paused: false, total: 0 });
    await withQueue(here, async (queue) => assert.equal((await queue.schedules()).length, 1));
  });
});

Deno.test("a queue that people have paused is noted as being moved too: no schedule of it fires meanwhile", async () => {
  await withBoth(async (here, there) => {
    const environment = testEnvironment();
    await withQueue(here, (source) =>
      withQueue(there, async (target) => {
        const job = { command: "true" };
        const schedule = { name: "s", cron: "0 * * * *", time_zone: "UTC", missed: "once", job };
        await source.addSchedule(schedule as NewSchedule, { replace: false });
        await source.setPaused(true);
        const sides = await HeldSides.hold(source, target);
        await sides.pause();
        environment.time.advance(3600);
        assert.deepEqual(await source.fireSchedules(), []);
        await sides.resume(() => {});
        await sides.release();
        assert.equal((await source.status()).paused, true, "people have paused it");
        assert.equal((await target.status()).paused, false);
        assert.equal((await source.fireSchedules()).length, 1);
      }, environment), environment);
  });
});

Deno.test("what runs have printed goes with their jobs, and nothing of it stays", async () => {
  await withBoth(async (here, there) => {
    await ok("/tmp", "--data-dir", here, "enqueue", "--id", "a", "--", "echo", "hi");
    await ok("/tmp", "--data-dir", here, "worker", "start", "--drain");
    const logs = (directory: string): readonly string[] =>
      [...Deno.readDirSync(`${directory}/logs`)].map(({ name }) => name)
        .filter((name) => name.startsWith("a."));
    const before = logs(here);
    assert.equal(before.length, 1);
    assert.equal((await queuectl(here, ["migrate", "--to", there])).code, 0);
    assert.deepEqual([logs(here), logs(there)], [[], before]);
    assert.equal((await queuectl(there, ["logs", "a"])).stdout, "hi\n");
  });
});
