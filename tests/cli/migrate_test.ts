/** `migrate` between two directories; to servers and back in `stores_test.ts`. */
import assert from "node:assert/strict";
import { isThere } from "../../src/machine/io.ts";
import { ok, program, queuectl, start } from "../support/cli.ts";
import { add, withQueue } from "../support/queue.ts";
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
      const moving = start(here, ["migrate", "--to", there]);
      await waitUntil("the pause", async () => (await look(there)).paused);
      moving.kill("SIGINT");
      const { code, stderr } = await moving.output();
      assert.equal(code, 130);
      assert.match(new TextDecoder().decode(stderr), /stopped: nothing was moved/);
      assert.deepEqual(await look(here), { paused: false, total: 1 });
      assert.deepEqual(await look(there), { paused: false, total: 0 });
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
