/** The examples, run as they stand. */
import assert from "node:assert/strict";
import { jobs, queuectlOnPath, runScript } from "./support/scripts.ts";
import { ok, program, ROOT, show } from "./support/cli.ts";
import { withDirectory } from "./support/temporary.ts";

const EXAMPLES = `${ROOT}examples`;

Deno.test("nightly_backup.sh: the schedule's job makes an archive of the folder", async () => {
  await withDirectory(async (home) => {
    await withDirectory(async (work) => {
      await Deno.mkdir(`${work}/photos`);
      await Deno.writeTextFile(`${work}/photos/a.txt`, "a");
      const env = await queuectlOnPath(work, home);
      const run = await runScript(`${EXAMPLES}/nightly_backup.sh`, ["photos", "kept"], work, env);
      assert.equal(run.code, 0, run.stderr);
      const { schedules } = JSON.parse(await ok(home, "schedule", "list", "--json"));
      assert.equal(schedules[0].cron, "0 3 * * *");
      // What the schedule will enqueue is enqueued now.
      const { command, env: variables } = schedules[0];
      await ok(home, "enqueue", JSON.stringify({ id: "now", command, env: variables }));
      await ok(home, "worker", "start", "--drain");
      assert.equal((await show(home, "now")).state, "completed");
      const kept = [...Deno.readDirSync(`${work}/kept`)].map(({ name }) => name);
      assert.match(kept.join(), /^\d{4}-\d\d-\d\d\.tar\.gz$/);
    });
  });
});

Deno.test("convert_folder.sh: every file is converted before the archive is made", async () => {
  await withDirectory(async (home) => {
    await withDirectory(async (work) => {
      await Deno.mkdir(`${work}/my texts`);
      for (const name of ["one.txt", "two words.txt", "-3.txt"]) {
        await Deno.writeTextFile(`${work}/my texts/${name}`, name);
      }
      const env = await queuectlOnPath(work, home);
      const run = await runScript(`${EXAMPLES}/convert_folder.sh`, ["my texts"], work, env);
      assert.equal(run.code, 0, run.stderr);
      await ok(home, "worker", "start", "--count", "2", "--drain");
      const states = (await jobs(home)).map(({ state }) => state);
      assert.deepEqual(states, Array(4).fill("completed"));
      const archived = await new Deno.Command("tar", { args: ["-tf", `${work}/my texts/all.tar`] })
        .output();
      const names = new TextDecoder().decode(archived.stdout).trim().split("\n").sort();
      assert.deepEqual(names, ["-3.txt.gz", "one.txt.gz", "two words.txt.gz"]);
    });
  });
});

Deno.test("spreadsheet.sh: a job for each row, and none twice", async () => {
  await withDirectory(async (home) => {
    await withDirectory(async (work) => {
      await Deno.writeTextFile(`${work}/rows.csv`, "name,minutes\nanna,5\nbela,12\n");
      const env = await queuectlOnPath(work, home);
      for (let time = 0; time < 2; time++) {
        const run = await runScript(`${EXAMPLES}/spreadsheet.sh`, ["rows.csv"], work, env);
        assert.equal(run.code, 0, run.stderr);
        assert.equal(run.stdout, "report-anna\nreport-bela\n");
      }
      await ok(home, "worker", "start", "--drain");
      const log = await ok(home, "logs", "report-bela");
      assert.equal(log, "report for bela over 12 minutes\n");
      assert.equal((await jobs(home)).length, 2);
    });
  });
});

Deno.test("build.sh: the exit code says whether the build is good", async () => {
  await withDirectory(async (work) => {
    const steps = { compile: "echo compiled", lint: "true", package: "touch packaged" };
    for (const [name, command] of Object.entries(steps)) {
      await Deno.writeTextFile(`${work}/${name}.sh`, `${command}\n`);
    }
    const env = await queuectlOnPath(work, `${work}/unused`);
    await Deno.writeTextFile(`${work}/test.sh`, "exit 1\n");
    const bad = await runScript(`${EXAMPLES}/build.sh`, ["."], work, env);
    assert.equal(bad.code, 1, bad.stdout + bad.stderr);
    assert.match(bad.stderr, /not completed: test \(dead\), package \(dead\)/);
    await Deno.writeTextFile(`${work}/test.sh`, "exit 0\n");
    const good = await runScript(`${EXAMPLES}/build.sh`, ["."], work, env);
    assert.equal(good.code, 0, good.stdout + good.stderr);
    assert.ok((await Deno.stat(`${work}/packaged`)).isFile);
  });
});

Deno.test("the service files name a command line that the program understands", async () => {
  const unit = await Deno.readTextFile(`${EXAMPLES}/services/queuectl.service`);
  const inUnit = /^ExecStart=\S+ (.+)$/m.exec(unit)![1]!.split(" ");
  const plist = await Deno.readTextFile(`${EXAMPLES}/services/queuectl.plist`);
  const inPlist = [...plist.matchAll(/<string>([^<]+)<\/string>/g)].map(([, text]) => text!)
    .slice(2);
  assert.deepEqual(inPlist, inUnit);
  await withDirectory(async (home) => {
    const { code, stderr } = await program(home, [...inUnit, "--drain"]);
    assert.equal(code, 0, stderr);
  });
});
