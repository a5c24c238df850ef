import assert from "node:assert/strict";
import { ok, queuectl, start } from "../support/cli.ts";
import { readJobs } from "../support/files.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("a schedule is added, listed, paused, resumed and removed", async () => {
  await withDirectory(async (directory) => {
    const now = Date.parse("2030-06-01T12:00:00Z");
    const cli = (...args: string[]) => queuectl(directory, args, { now });
    const added = await cli(
      "schedule",
      "add",
      "night",
      "--cron",
      "0 3 * * *",
      "--",
      "echo",
      "it's",
    );
    assert.equal(added.stdout, "night next at 2030-06-02 03:00:00 Europe/Berlin\n");
    const { stdout } = await cli("schedule", "list", "--json");
    const [schedule] = JSON.parse(stdout).schedules;
    assert.equal(schedule.command, `echo 'it'\\''s'`);
    assert.equal(schedule.time_zone, "Europe/Berlin");
    assert.match(
      (await cli("schedule", "list")).stdout,
      /night {2}0 3 \* \* \* {2}Europe\/Berlin {2}in 13h/,
    );
    assert.equal((await cli("schedule", "pause", "night")).stdout, "night\n");
    assert.match((await cli("schedule", "list")).stdout, /paused/);
    assert.match(
      (await cli("schedule", "resume", "night")).stdout,
      /next at 2030-06-02 03:00:00 Europe/,
    );
    assert.equal((await cli("schedule", "remove", "night")).stdout, "night\n");
    assert.match((await cli("schedule", "list")).stderr, /there is no schedule/);
  });
});

Deno.test("schedule run enqueues a job besides the occurrences, also of a paused one", async () => {
  await withDirectory(async (directory) => {
    const cli = (...args: string[]) => queuectl(directory, args);
    await cli("schedule", "add", "night", "--cron", "@yearly", "--tag", "n", "--", "echo", "a");
    const before = JSON.parse((await cli("schedule", "list", "--json")).stdout);
    await cli("schedule", "pause", "night");
    const { stdout } = await cli("schedule", "run", "night", "night");
    assert.match(stdout, /^night:\w{16}\n$/);
    const job = JSON.parse((await cli("show", stdout.trim(), "--json")).stdout);
    assert.deepEqual([job.command, job.tags, job.state], ["echo a", ["n"], "pending"]);
    await cli("schedule", "resume", "night");
    assert.deepEqual(JSON.parse((await cli("schedule", "list", "--json")).stdout), before);
    const refused = await cli("schedule", "run", "night", "nobody");
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /no schedule 'nobody'/);
    assert.equal(JSON.parse((await cli("list", "--json")).stdout).total, 1);
  });
});

Deno.test("what cannot be a schedule is refused with a sentence", async () => {
  await withDirectory(async (directory) => {
    const refusals: readonly (readonly [string, RegExp])[] = [
      ["schedule add s -- true", /needs --cron/],
      ["schedule add s --cron @daily", /needs one command/],
      ["schedule add s --cron @daily --command true -- true", /needs one command/],
      ["schedule add s --cron @daily --", /no command behind --/],
      ["schedule add .. --cron @daily -- true", /no name of a schedule/],
      ["schedule add s --cron @daily --time-zone Mars/Base -- true", /unknown time zone/],
      ["schedule add s --cron @daily --missed never -- true", /--missed must be/],
      ["schedule add s --cron 61_*_*_*_* -- true", /no cron pattern/],
      ["schedule add s --cron 0_0_30_2_* -- true", /never comes/],
    ];
    for (const [line, message] of refusals) {
      const words = line.split(" ").map((word) =>
        word.includes("_") ? word.replaceAll("_", " ") : word
      );
      const { code, stderr } = await queuectl(directory, words);
      assert.equal(code, 2, line);
      assert.match(stderr, message);
    }
    assert.equal((await queuectl(directory, ["schedule", "remove", "s"])).code, 1);
  });
});

Deno.test("two supervisors enqueue each occurrence once, and the jobs run", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "schedule", "add", "tick", "--cron", "* * * * * *", "--", "echo", "tick");
    const supervisors = [
      start(directory, ["worker", "start"]),
      start(directory, ["worker", "start"]),
    ];
    await waitUntil("three occurrences have run", async () => {
      const { jobs } = JSON.parse(await ok(directory, "list", "--state", "completed", "--json"));
      return jobs.length >= 3;
    });
    await ok(directory, "worker", "stop", "--wait");
    for (const supervisor of supervisors) assert.equal((await supervisor.output()).code, 0);
    const jobs = readJobs(`${directory}/jobs.json`);
    assert.ok(jobs.every(({ id }) => /^tick:\d{8}T\d{6}Z$/.test(String(id))));
    assert.ok(jobs.every(({ attempts }) => Number(attempts) <= 1));
    assert.equal(new Set(jobs.map(({ id }) => id)).size, jobs.length);
  });
});
