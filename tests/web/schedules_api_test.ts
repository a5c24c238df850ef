/** Recurring jobs over HTTP. */
import assert from "node:assert/strict";
import { withDashboard } from "../support/web.ts";

const NIGHTLY = { name: "nightly", cron: "0 3 1 1 *", command: "true", priority: 2 };

Deno.test("a schedule is added, listed, run, paused, resumed, replaced and removed", async () => {
  await withDashboard(async ({ ask, directory, queue }) => {
    const added = await ask("POST", "/schedules", { ...NIGHTLY, time_zone: "Europe/Berlin" });
    assert.equal(added.status, 201);
    const { next_run, ...schedule } = added.document;
    assert.deepEqual(schedule, {
      ...NIGHTLY,
      time_zone: "Europe/Berlin",
      missed: "once",
      paused: false,
      cwd: directory,
    });
    assert.match(next_run, /-01-01T02:00:00.000Z$/);
    const { document } = await ask("GET", "/schedules");
    assert.deepEqual(document, { schedules: [added.document] });

    const run = await ask("POST", "/schedules/nightly/run");
    assert.deepEqual([run.status, run.document.confirmed], [201, true]);
    const [job] = await queue.get(run.document.ids);
    assert.match(job!.id, /^nightly:/);
    assert.deepEqual([job!.command, job!.priority, job!.cwd], ["true", 2, directory]);

    assert.equal((await ask("POST", "/schedules/nightly/pause")).document.paused, true);
    assert.equal((await ask("POST", "/schedules/nightly/resume")).document.paused, false);
    assert.equal((await ask("POST", "/schedules", NIGHTLY)).status, 409);
    const replaced = await ask("POST", "/schedules?replace", { ...NIGHTLY, command: "echo new" });
    assert.deepEqual([replaced.status, replaced.document.command], [201, "echo new"]);
    const removed = await ask("DELETE", "/schedules/nightly");
    assert.deepEqual(removed.document, { name: "nightly" });
    assert.deepEqual((await ask("GET", "/schedules")).document, { schedules: [] });
  });
});

Deno.test("a schedule that cannot be is refused with a sentence, and nothing is changed", async () => {
  await withDashboard(async ({ ask, queue }) => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ ...NIGHTLY, name: "../x" }, /no name of a schedule/],
      [{ ...NIGHTLY, name: 7 }, /name must be a text/],
      [{ ...NIGHTLY, cron: "0 25 * * *" }, /no cron pattern/],
      [{ ...NIGHTLY, cron: undefined }, /cron must be a text/],
      [{ ...NIGHTLY, command: undefined }, /has no command/],
      [{ ...NIGHTLY, time_zone: "Mars/Base" }, /unknown time zone/],
      [{ ...NIGHTLY, missed: "later" }, /unknown policy/],
      [{ ...NIGHTLY, id: "a" }, /cannot have the field 'id'/],
      [{ ...NIGHTLY, depends_on: ["a"] }, /cannot have the field 'depends_on'/],
      [{ ...NIGHTLY, colour: "red" }, /unknown field 'colour'/],
      [[NIGHTLY], /must be a JSON object/],
    ];
    for (const [body, sentence] of cases) {
      const { status, document } = await ask("POST", "/schedules", body);
      assert.deepEqual([status, document.code], [400, "usage"], JSON.stringify(body));
      assert.match(document.error, sentence);
    }
    for (const path of ["/schedules/none/run", "/schedules/none/pause", "/schedules/none/resume"]) {
      assert.equal((await ask("POST", path)).status, 404, path);
    }
    assert.equal((await ask("DELETE", "/schedules/none")).status, 404);
    assert.deepEqual(await queue.schedules(), []);
    assert.equal((await queue.list({})).total, 0);
  });
});

Deno.test("who may only look sees the schedules and changes none", async () => {
  await withDashboard(async ({ ask, queue }) => {
    assert.equal((await ask("GET", "/schedules")).status, 200);
    assert.equal((await ask("POST", "/schedules", NIGHTLY)).status, 403);
    assert.deepEqual(await queue.schedules(), []);
  }, { readOnly: true });
});

Deno.test("the directory of a schedule's jobs is meant from where the dashboard was started", async () => {
  await withDashboard(async ({ ask, directory }) => {
    for (const [given, cwd] of [["sub", `${directory}/sub`], ["/tmp", "/tmp"]]) {
      const added = await ask("POST", "/schedules?replace", { ...NIGHTLY, cwd: given });
      assert.deepEqual([added.status, added.document.cwd], [201, cwd]);
    }
  });
});
