/** edit, retry, delete, prune, reset, dlq purge and logs, as people type them. */
import assert from "node:assert/strict";
import { isThere } from "../../src/machine/io.ts";
import {
  FAILURE,
  jobOf,
  runNext,
  START,
  SUCCESS,
  testEnvironment,
  withQueue,
} from "../support/queue.ts";
import { queuectl, type RunOptions } from "../support/cli.ts";
import { contents } from "../support/files.ts";
import { withDirectory } from "../support/temporary.ts";

/** Runs a command line that must succeed. */
async function done(directory: string, line: string, options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await queuectl(directory, line.split(" "), options);
  assert.equal(code, 0, `${line}: ${stderr}`);
  return stdout;
}

/** Runs a command line that must fail, and must change nothing. */
async function refused(
  directory: string,
  line: string,
  code: number,
  message: RegExp,
  options: RunOptions = {},
): Promise<void> {
  const before = contents(directory);
  const result = await queuectl(directory, line.split(" "), options);
  assert.equal(result.code, code, `${line}: ${result.stderr}`);
  assert.match(result.stderr, message);
  assert.deepEqual(contents(directory), before, line);
}

/** Enqueues these jobs and runs the first waiting one to each of these ends. */
async function prepare(
  directory: string,
  ids: readonly string[],
  ends: readonly (typeof SUCCESS | typeof FAILURE)[],
  seconds = 0,
): Promise<void> {
  const environment = testEnvironment();
  environment.time.advance(seconds);
  await withQueue(directory, async (queue) => {
    const jobs = ids.map((id) => ({ id, command: "true", max_retries: 0 }));
    await queue.enqueue(jobs, { ifAbsent: false });
    const seat = await queue.join("worker-test");
    for (const end of ends) await runNext(seat, end);
    await seat.leave();
  }, environment);
}

Deno.test("edit changes what is named, and leaves the rest", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command true --tag x --env A=1 --priority 3");
    await done(directory, "enqueue --id b --command true");
    assert.equal(await done(directory, "edit a --env B=2 --timeout 5m --depends-on b"), "a\n");
    const job = await withQueue(directory, (queue) => jobOf(queue, "a"));
    assert.deepEqual(job.env, { A: "1", B: "2" });
    assert.deepEqual([job.timeout_seconds, job.priority, job.tags], [300, 3, ["x"]]);
    assert.deepEqual(job.depends_on, ["b"]);
    await queuectl(directory, ["edit", "a", "--tag", "", "--depends-on", "", "--priority", "0"]);
    const bare = await withQueue(directory, (queue) => jobOf(queue, "a"));
    assert.ok(!("tags" in bare) && !("depends_on" in bare) && !("priority" in bare));
  });
});

Deno.test("a variable without a value has the one of where it is named, or is refused", async () => {
  await withDirectory(async (directory) => {
    const add = ["enqueue", "--id", "a", "--command", "true", "--env", "TOKEN", "--env", "B=1"];
    const { code, stderr } = await queuectl(directory, add);
    assert.deepEqual([code, /no variable TOKEN/.test(stderr)], [2, true]);
    const given = await queuectl(directory, add, { env: { TOKEN: "x=y", OTHER: "z" } });
    assert.equal(given.code, 0, given.stderr);
    const job = await withQueue(directory, (queue) => jobOf(queue, "a"));
    assert.deepEqual(job.env, { TOKEN: "x=y", B: "1" });
  });
});

Deno.test("edit --delay 0 makes a job due that had to wait", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command true --delay 1h");
    await done(directory, "edit a --delay 0");
    assert.match(await done(directory, "list"), /a {3}pending {3}0\/4 {5}0 {2}due/);
  });
});

Deno.test("edit refuses what cannot be, and changes nothing", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["done", "dead"], [SUCCESS, FAILURE]);
    await done(directory, "enqueue --id a --command true");
    await done(directory, "enqueue --id b --command true --depends-on a");
    await refused(directory, "edit a", 2, /nothing to change/);
    await refused(directory, "edit done --priority 1", 1, /cannot edit job 'done' as it is comp/);
    await refused(directory, "edit a done --priority 1", 1, /as it is completed/);
    await refused(directory, "edit a --depends-on b", 2, /in a circle: a -> b -> a/);
    await refused(directory, "edit a --depends-on nobody", 1, /which does not exist/);
    await refused(directory, "edit a --depends-on dead", 1, /which is dead/);
    await refused(directory, "edit a --timeout soon", 2, /no duration/);
    await refused(directory, "edit a --priority high", 2, /whole number/);
    await refused(directory, "edit x --priority 1", 1, /no job 'x'/);
  });
});

Deno.test("retry runs a completed job again only with --force", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["a"], [SUCCESS]);
    await refused(directory, "retry a", 1, /as it is completed\n {2}--force runs it again/);
    assert.equal(await done(directory, "retry a --force"), "a\n");
    const job = await withQueue(directory, (queue) => jobOf(queue, "a"));
    assert.deepEqual([job.state, job.attempts, job.history?.length], ["pending", 0, 1]);
  });
});

Deno.test("dlq retry --with-dependents brings back the jobs that died with it, and theirs", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command true --max-retries 0");
    await done(directory, "enqueue --id b --command true --depends-on a");
    await done(directory, "enqueue --id c --command true --depends-on b");
    await done(directory, "enqueue --id d --command true");
    await done(directory, "cancel d");
    await prepare(directory, [], [FAILURE]);
    await refused(directory, "dlq retry c", 1, /depends on 'b', which is dead/);
    assert.equal(await done(directory, "dlq retry a --with-dependents"), "a\nb\nc\n");
    assert.equal(
      (await queuectl(directory, ["dlq", "list"])).stderr,
      "queuectl: the dead letter queue is empty\n",
    );
  });
});

Deno.test("delete --all and reset and dlq purge ask, and take yes, no and nobody for an answer", async () => {
  for (const line of ["delete --all", "reset", "dlq purge"]) {
    await withDirectory(async (directory) => {
      await prepare(directory, ["a", "b"], [FAILURE]);
      await refused(directory, line, 2, /no terminal to ask\n {2}--yes does it unasked/);
      await refused(directory, line, 1, /nothing was changed/, { answer: false });
      await done(directory, line, { answer: true });
      const left = JSON.parse(await done(directory, "list --json")).total;
      assert.equal(left, line === "dlq purge" ? 1 : 0, line);
      await done(directory, `${line} --yes`);
    });
  }
});

Deno.test("every command that takes ids takes beginnings of them, each job once", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["dead-1", "dead-2", "left"], [FAILURE, FAILURE]);
    await refused(directory, "dlq retry dead", 1, /'dead' could be 'dead-1', 'dead-2'/);
    await refused(directory, "dlq delete dead-1 none", 1, /no job 'none'/);
    assert.equal(await done(directory, "dlq retry dead-1"), "dead-1\n");
    assert.equal(await done(directory, "dlq delete dead-2 dead-2"), "dead-2\n");
    const commands = ["edit le --priority 2", "cancel le", "retry le", "delete le left l"];
    for (const line of ["show le", "logs le", ...commands]) {
      assert.match(await done(directory, line), line.startsWith("logs") ? /^$/ : /left/);
    }
    await refused(directory, "delete left", 1, /no job 'left'/);
    assert.equal(await done(directory, "delete dead-1 --force"), "dead-1\n");
  });
});

Deno.test("reset leaves settings and schedules, and is refused while a job runs", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "config set max_retries 7");
    await queuectl(directory, ["schedule", "add", "s", "--cron", "0 3 * * *", "--", "true"]);
    await done(directory, "enqueue --id a --command true");
    await withQueue(directory, async (queue) => {
      const seat = await queue.join("worker-test");
      await seat.claim();
      const { code, stderr } = await queuectl(directory, ["reset", "--yes"]);
      assert.equal(code, 1);
      assert.match(stderr, /cannot empty the queue as job 'a' runs/);
      const [job] = await queue.get(["a"]);
      await seat.settle({ id: "a", run: job!.run! }, SUCCESS, false);
      await seat.leave();
    });
    await done(directory, "reset --yes");
    assert.equal(JSON.parse(await done(directory, "list --json")).total, 0);
    assert.equal(await done(directory, "config get max_retries"), "7\n");
    assert.equal(JSON.parse(await done(directory, "schedule list --json")).schedules.length, 1);
  });
});

Deno.test("delete takes the logs too, so that doctor finds nothing left over", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["a", "b"], [SUCCESS, FAILURE]);
    const logs = (): string[] =>
      [...Deno.readDirSync(`${directory}/logs`)].map(({ name }) => name)
        .filter((name) => !name.startsWith("worker-"));
    await withQueue(directory, async (queue) => {
      for (const id of ["a", "b"]) {
        const { run } = (await queue.findLog(id, {}))!;
        await Deno.writeTextFile(`${directory}/logs/${id}.${run}.log`, "said\n");
      }
    });
    assert.equal(logs().length, 2);
    await done(directory, "delete a b");
    assert.deepEqual(logs(), []);
    assert.equal((await queuectl(directory, ["doctor"])).stderr, "queuectl: nothing is wrong\n");
  });
});

Deno.test("delete --force cancels what waits first, and with it what depends on it", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command true");
    await done(directory, "enqueue --id b --command true --depends-on a");
    await refused(directory, "delete a", 1, /as 'b' waits for it/);
    assert.equal(await done(directory, "delete a --force"), "a\n");
    const b = await withQueue(directory, (queue) => jobOf(queue, "b"));
    assert.equal(b.error, "dependency 'a' is cancelled");
    await refused(directory, "delete", 2, /ID is missing/);
    await refused(directory, "delete b --all", 2, /ids and --all, --state or --tag exclude/);
  });
});

Deno.test("cancel, retry, delete and wait take the jobs with a tag or in a state", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["done", "dead"], [SUCCESS, FAILURE]);
    for (const [id, tag] of [["a", "x"], ["b", "x,y"], ["c", "y"]]) {
      await done(directory, `enqueue --id ${id} --command true --tag ${tag}`);
    }
    await refused(directory, "cancel", 2, /ID is missing/);
    await refused(directory, "cancel a --tag x", 2, /exclude each other/);
    await refused(directory, "cancel --state completed", 2, /cannot be done to completed jobs/);
    const { code, stdout } = await queuectl(directory, ["cancel", "--tag", ""]);
    assert.deepEqual([code, stdout], [2, ""], "an empty variable of a script is no tag");
    const none = await queuectl(directory, ["cancel", "--tag", "z"]);
    assert.deepEqual([none.code, none.stdout, none.stderr], [
      0,
      "",
      "queuectl: no job matches\n",
    ]);
    assert.equal(await done(directory, "cancel --tag x,y"), "b\n");
    assert.equal(await done(directory, "cancel --tag x --state pending"), "a\n");
    assert.equal(await done(directory, "retry --all"), "dead\n");
    assert.equal(await done(directory, "retry --state cancelled --tag y"), "b\n");
    assert.equal(await done(directory, "cancel --all"), "dead\nb\nc\n");
    await refused(directory, "retry --state completed", 2, /cannot be done to completed jobs/);
    assert.equal(await done(directory, "retry --state completed --force"), "done\n");
    await refused(directory, "wait --tag x done", 2, /exclude each other/);
    assert.equal((await queuectl(directory, ["wait", "--tag", "x"])).code, 1, "cancelled ones");
    assert.equal((await queuectl(directory, ["wait", "--timeout", "0"])).code, 124);
    assert.equal(await done(directory, "delete --tag y"), "b\nc\n");
    await refused(directory, "delete --state processing", 2, /cannot be done to processing jobs/);
    assert.equal(await done(directory, "delete --state pending,cancelled"), "done\ndead\na\n");
  });
});

Deno.test("prune removes what ended before a time, by state and tag, and says what it would", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["done", "dead", "waits"], [SUCCESS, FAILURE]);
    const later = { now: testEnvironment().time.now + 3 * 86_400_000 };
    assert.equal(await done(directory, "prune --older-than 7d", later), "");
    assert.equal(await done(directory, "prune --older-than 2d --dry-run", later), "done\n");
    assert.equal(await done(directory, "prune --older-than 2d --tag x", later), "");
    assert.equal(await done(directory, "prune --older-than 2d", later), "done\n");
    assert.equal(await done(directory, "prune --state dead,completed", later), "dead\n");
    assert.equal(JSON.parse(await done(directory, "list --json")).total, 1);
    await refused(directory, "prune --state pending", 2, /pending jobs are not pruned/);
    await refused(directory, "prune --older-than long", 2, /no duration/);
  });
});

Deno.test("logs --run reaches a run whose attempt number came again", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["a"], [FAILURE]);
    await done(directory, "dlq retry a", { now: testEnvironment().time.now });
    await prepare(directory, [], [FAILURE], 60);
    await withQueue(directory, async (queue) => {
      const [first, second] = (await jobOf(queue, "a")).history!;
      assert.equal(first!.attempt, second!.attempt);
      for (const [run, text] of [[first!.run, "first\n"], [second!.run, "second\n"]] as const) {
        await Deno.writeTextFile(`${directory}/logs/a.${run}.log`, text);
      }
      assert.equal(await done(directory, `logs a --run ${first!.run}`), "first\n");
      assert.equal(await done(directory, "logs a --attempt 1"), "second\n");
      await refused(directory, "logs a --run other", 1, /no run 'other'/);
      await refused(directory, "logs a --attempt 2 --follow", 1, /no attempt 2/);
    });
  });
});

Deno.test("logs and show without an id are about the job that runs, else the one that ran last", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id waits --command true --run-at 2100-01-01");
    await refused(directory, "logs", 1, /no job has run yet/);
    const environment = testEnvironment();
    await withQueue(directory, async (queue) => {
      const jobs = ["a", "b", "c", "d"].map((id) => ({ id, command: "true", max_retries: 0 }));
      await queue.enqueue(jobs, { ifAbsent: false });
      const [one, two] = [await queue.join("worker-1"), await queue.join("worker-2")];
      const latest = async (): Promise<string> =>
        JSON.parse(await done(directory, "show --json")).id;
      await runNext(one, FAILURE);
      environment.time.advance(1);
      await runNext(one, SUCCESS);
      assert.equal(await latest(), "b");
      await queue.cancel(["d"]);
      assert.equal(await latest(), "b", "what was cancelled before it ran did not run");
      await queue.edit(["waits"], { run_at: new Date(0).toISOString() });
      assert.equal((await one.claim()).kind, "job");
      environment.time.advance(1);
      assert.equal((await two.claim()).kind, "job");
      const running = await latest();
      assert.equal((await jobOf(queue, running)).worker, "worker-2", "it began last");
      const { stderr } = await queuectl(directory, ["logs"]);
      assert.match(stderr, new RegExp(`this is ${running}, processing: true`));
    }, environment);
  });
});

Deno.test("enqueue --commands takes a command from each line", async () => {
  await withDirectory(async (directory) => {
    const add = (stdin: string, ...flags: string[]) =>
      queuectl(directory, ["enqueue", "--commands", "-", ...flags], { stdin });
    const given = "\uFEFF#!/bin/sh\n\necho one | wc\r\n  # none\n  echo 'two'  \n";
    const { code, stdout } = await add(given, "--tag", "batch");
    assert.equal(code, 0);
    const { jobs } = JSON.parse(await done(directory, "list --tag batch --json"));
    assert.deepEqual(
      jobs.map(({ id, command }: { id: string; command: string }) => [id, command]),
      stdout.trim().split("\n").map((id, n) => [id, ["echo one | wc", "echo 'two'"][n]]).reverse(),
    );
    assert.match((await add("true\na\0b\n")).stderr, /stdin, line 2: command /);
    assert.match((await add("# nothing\n")).stderr, /there is no command in it/);
    const file = await queuectl(directory, ["enqueue", "--file", "-"], { stdin: "make all\n" });
    assert.match(file.stderr, /no JSON.*\n {2}--commands reads plain commands/);
    assert.equal(JSON.parse(await done(directory, "list --json")).total, 2);
  });
});

Deno.test("cancel says what can never run now, and retry --with-dependents brings all back", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command true");
    await done(directory, "enqueue --id b --command true --depends-on a");
    await done(directory, "enqueue --id c --command true --depends-on b");
    const { stdout, stderr } = await queuectl(directory, ["cancel", "a"]);
    assert.equal(stdout, "a\n");
    assert.match(stderr, /what waited for it is dead now: b, c \(`retry --with-dependents`/);
    const retried = await queuectl(directory, ["retry", "a"]);
    assert.equal(retried.stdout, "a\n");
    assert.match(retried.stderr, /what waited for it stays dead: b \(`retry --with-dependents`/);
    await done(directory, "cancel a");
    const both = await queuectl(directory, ["dlq", "retry", "b"]);
    assert.match(both.stderr, /depends on 'a', which is cancelled/);
    assert.equal(await done(directory, "retry a --with-dependents"), "a\nb\nc\n");
  });
});

Deno.test("a dead job is edited before it is retried", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["a"], [FAILURE]);
    await done(directory, "edit a --command false");
    const job = await withQueue(directory, (queue) => jobOf(queue, "a"));
    assert.deepEqual([job.state, job.command], ["dead", "false"]);
  });
});

Deno.test("a pending job's record, as show prints it, is accepted again", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command true --priority 2 --delay 1h");
    const record = await done(directory, "show a --json");
    await done(directory, "delete a");
    await queuectl(directory, ["enqueue", record]);
    assert.equal(JSON.parse(await done(directory, "show a --json")).priority, 2);
  });
});

Deno.test("a job that could have run long before it was enqueued has waited only since then", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command true --run-at 2020-01-01");
    assert.match(await done(directory, "status"), /oldest waiting: a, for \d+(ms|(\.\d)?s)\n/);
  });
});

Deno.test("show tells what a job waits for", async () => {
  await withDirectory(async (directory) => {
    const waits = async (id: string, now?: number): Promise<string | undefined> => {
      const shown = await done(directory, `show ${id}`, now === undefined ? {} : { now });
      return /^waits for +(.*)$/m.exec(shown)?.[1];
    };
    await done(directory, "enqueue --id first --command true --run-at 2099-01-01T00:00:00Z");
    await done(directory, "enqueue --id then --command true --depends-on first");
    const now = Date.parse("2098-12-31T23:00:00Z");
    assert.equal(await waits("first", now), "its time, in 1h; a worker, as none runs");
    assert.equal(await waits("then"), "first, which is pending; a worker, as none runs");
    await withQueue(directory, async (queue) => {
      const seat = await queue.join("worker-test");
      await done(directory, "enqueue --id free --command true");
      assert.equal(await waits("free"), "its turn");
      await done(directory, "pause");
      assert.equal(await waits("free"), "`queuectl resume`, as the queue is paused");
      await done(directory, "cancel free");
      assert.equal(await waits("free"), undefined);
      await seat.leave();
    });
  });
});

Deno.test("a mistyped directory is not taken for an empty queue", async () => {
  await withDirectory(async (directory) => {
    for (const line of [["list"], ["status"]]) {
      const { code, stderr } = await queuectl(`${directory}/typo`, line);
      assert.deepEqual([code, stderr], [
        0,
        `queuectl: there is no queue in ${directory}/typo yet\n`,
      ]);
    }
    assert.equal((await queuectl(directory, ["status"])).stderr, "");
  });
});

Deno.test("what other queues call a command, a state or a place is understood well enough for a hint", async () => {
  await withDirectory(async (directory) => {
    const hints: readonly (readonly [string, RegExp])[] = [
      ["kill x", /here it is `queuectl cancel`/],
      ["start", /here it is `queuectl worker start`/],
      ["add x", /here it is `queuectl enqueue`/],
      ["dlq clear", /here it is `queuectl dlq purge`/],
      ["schedule rm s", /here it is `queuectl schedule remove`/],
      ["worker kill w", /here it is `queuectl worker stop --force`/],
      ["config delete x", /here it is `queuectl config unset`/],
      ["unpause", /here it is `queuectl resume`/],
      ["set max_retries 0", /here it is `queuectl config set`/],
      ["reser", /`queuectl --help` lists the commands/],
      ["enqueu x", /did you mean enqueue\?/],
      ["dlq unheard-of", /`queuectl help dlq` lists the commands/],
      ["worker start now", /`queuectl help worker start` shows what it knows/],
      ["list -z 5", /`queuectl help list` shows what it knows/],
      ["enqueue rsync -a b/ c", /put -- before the command: `queuectl enqueue -- rsync -a b\/ c`/],
      ["enqueue grep -r foo", /put -- before the command: `queuectl enqueue -- grep -r foo`/],
      ["enqueue python3 -c print", /`queuectl enqueue -- python3 -c print`/],
      ["enqueue rm -rf build", /`queuectl enqueue -- rm -rf build`/],
      ["enqueue make -j4", /`queuectl enqueue -- make -j4`/],
      ["enqueue sort -k2 f", /`queuectl enqueue -- sort -k2 f`/],
      ["-v", /`queuectl --version`/],
      ["config max_retries 5", /here it is `queuectl config set max_retries 5`/],
      ["config max-retries", /here it is `queuectl config get max-retries`/],
      ["dlq show a", /here it is `queuectl show`/],
      ["dlq delete --all", /here it is `queuectl dlq purge`/],
      ["enqueue --run-at 10pm -- true", /write 22:00.*--delay 2h counts from now/],
      ["schedule add s --cron @daily --time-zone CEST --command x", /such as Europe\/Berlin/],
      ["schedule add n --cron @daily echo x", /a command stands behind --/],
      ["list --state running", /here it is processing/],
      [
        "schedule add s --cron @daily --time-zone berlin --command x",
        /did you mean Europe\/Berlin\?/,
      ],
    ];
    for (const [line, hint] of hints) await refused(directory, line, 2, hint);
    const line = await queuectl(directory, ["enqueue", "--", "sleep 1; echo hi"]);
    assert.match(line.stderr, /a line for the shell needs --command/);
    const missing = await queuectl(directory, ["enqueue", "--cwd", "/no/where", "--", "true"]);
    assert.deepEqual([missing.code, missing.stderr], [
      0,
      "queuectl: there is no directory /no/where yet: until there is, the job fails\n",
    ]);
  });
});

Deno.test("wait --tag judges all jobs with the tag, and a tag that no job has is refused", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id bad --tag rel --max-retries 0 --command false");
    await prepare(directory, [], [FAILURE]);
    await done(directory, "enqueue --id good --tag rel --command true");
    await prepare(directory, [], [SUCCESS]);
    const { code, stderr } = await queuectl(directory, ["wait", "--tag", "rel"]);
    assert.deepEqual([code, stderr], [1, "queuectl: not completed: bad (dead)\n"]);
    await refused(directory, "wait --tag rell", 1, /no job has the tag rell/);
    const all = await queuectl(directory, ["wait"]);
    assert.deepEqual([all.code, all.stderr], [
      0,
      "queuectl: nothing is unfinished; 1 job is dead\n",
    ]);
  });
});

Deno.test("ids are taken as they are pasted", async () => {
  await withDirectory(async (directory) => {
    for (const id of ["one", "two", "three"]) await done(directory, `enqueue --id ${id} -- true`);
    const cancel = (...words: string[]) => queuectl(directory, ["cancel", ...words]);
    assert.equal((await cancel(" one,\ntwo ")).stdout, "one\ntwo\n");
    assert.equal((await cancel("thr…")).stdout, "three\n");
    const { code, stderr } = await queuectl(directory, ["show", "one two"]);
    assert.deepEqual([code, /more than one job/.test(stderr)], [2, true]);
    assert.match((await cancel(",")).stderr, /no job ','/);
  });
});

Deno.test("edit takes a command behind --, as enqueue does", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id a --command old");
    const edited = await queuectl(directory, ["edit", "a", "--", "echo", "two words"]);
    assert.equal(edited.stdout, "a\n", edited.stderr);
    const job = await withQueue(directory, (queue) => jobOf(queue, "a"));
    assert.equal(job.command, "echo 'two words'");
    await refused(directory, "edit a --command x -- y", 2, /given twice/);
  });
});

Deno.test("logs says that a job is to run again, and how a followed one has ended", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "config set backoff_base 100");
    await done(directory, "enqueue --id a --command true --max-retries 1");
    await prepare(directory, [], [FAILURE]);
    const logs = (...flags: string[]) =>
      queuectl(directory, ["logs", "a", ...flags], { now: testEnvironment().time.now + 40_000 });
    assert.match((await logs()).stderr, /a is to run again, in 1m: this is its run of 40s ago/);
    await done(directory, "cancel a");
    assert.match((await logs("--follow")).stderr, /queuectl: a is cancelled/);
  });
});

Deno.test("the words and flags of other queues get a hint", async () => {
  const hints: Readonly<Record<string, RegExp>> = {
    "worker start -j4": /unknown flag '-j4'\n {2}here it is --count/,
    "worker start --daemon": /here it is --detach/,
    "worker start 4": /--count 4/,
    "worker stop worker-1": /--id worker-1/,
    "enqueue --after a -- x": /here it is --depends-on/,
    "enqueue -j4 -- x": /unknown flag '-j4'/,
    "schedule add n --tz Z": /here it is --time-zone/,
    "schedule add n --cron 0 3": /the pattern is one word/,
    "list dead": /--state dead/,
    "logs a --tail 3": /here it is --lines/,
    "edit a --id b": /unknown flag '--id'\n {2}`queuectl help edit`/,
    "-l": /unknown flag '-l'/,
    'enqueue {"cmd":"x"}': /here it is command/,
    "enqueue id:x": /the shell has taken the quotes away/,
  };
  await withDirectory(async (directory) => {
    for (const [line, hint] of Object.entries(hints)) await refused(directory, line, 2, hint);
  });
});

Deno.test("the logs of workers that left go with a prune of what is old, whatever it was, and with no other", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["a"], [SUCCESS]);
    const log = `${directory}/logs/worker-test.log`;
    await Deno.utime(log, new Date(START), new Date(START));
    const now = START + 86_400_000;
    const others = ["", " --older-than 1h --state completed", " --older-than 1h --tag x"];
    for (const flags of [...others, " --older-than 1h --dry-run", " --older-than 2d"]) {
      await done(directory, `prune${flags}`, { now });
      assert.ok(isThere(log), flags);
    }
    await done(directory, "prune --older-than 1h", { now });
    assert.ok(!isThere(log));
  });
});

Deno.test("doctor ends with 1 if something is wrong, and with 0 if nothing is or it has been mended", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["a"], []);
    await done(directory, "doctor");
    await Deno.writeTextFile(`${directory}/config.json`, "{");
    for (const line of ["doctor", "doctor --json"]) {
      const { code, stdout } = await queuectl(directory, line.split(" "));
      assert.deepEqual([code, stdout.includes("this is no JSON")], [1, true], line);
    }
    await done(directory, "doctor --repair");
    await done(directory, "doctor");
  });
});

Deno.test("a group of commands without one is wrong usage, and says what it has", async () => {
  await withDirectory(async (directory) => {
    for (const group of ["worker", "dlq", "schedule", "config"]) {
      const { code, stdout, stderr } = await queuectl(directory, [group]);
      assert.deepEqual([code, stdout], [2, ""], group);
      assert.match(stderr, /list/);
      const asked = await queuectl(directory, [group, "--help"]);
      assert.deepEqual([asked.code, asked.stdout.includes("list")], [0, true], group);
    }
  });
});

Deno.test("a job runs in the directory that its flag means where it is enqueued", async () => {
  await withDirectory(async (directory) => {
    const [where, cwd] = [directory, directory];
    await Deno.mkdir(`${directory}/sub`);
    await done(where, "enqueue --id relative --cwd sub --command pwd", { cwd });
    await done(where, "enqueue --id whole --cwd /tmp --command pwd", { cwd });
    await done(where, "enqueue --id here --command pwd", { cwd });
    const jobs = await withQueue(where, (queue) => queue.get(["relative", "whole", "here"]));
    assert.deepEqual(jobs.map((job) => job.cwd), [`${directory}/sub`, "/tmp", directory]);
  });
});

Deno.test("a job waits for what has not completed, not for what has", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, ["done", "open"], [SUCCESS]);
    await done(directory, "enqueue --id a --depends-on done,open --command true");
    assert.match(
      await done(directory, "show a"),
      /^waits for +open, which is pending; a worker, as none runs$/m,
    );
  });
});

Deno.test("a list as JSON is whole unless a limit is said, and tells which", async () => {
  await withDirectory(async (directory) => {
    await prepare(directory, Array.from({ length: 60 }, (_, index) => `j${index}`), [FAILURE]);
    for (const [line, all] of [["list --json", 60], ["dlq list --json", 1]] as const) {
      const { jobs, total, limit } = JSON.parse(await done(directory, line));
      assert.deepEqual([jobs.length, total, limit], [all, all, null], line);
    }
    const few = JSON.parse(await done(directory, "list --json --limit 2"));
    assert.deepEqual([few.jobs.length, few.total, few.limit], [2, 60, 2]);
  });
});

Deno.test("a job that is recorded on a disk that cannot sync is enqueued, and that is said", async () => {
  await withDirectory(async (directory) => {
    await done(directory, "enqueue --id first --command true");
    const { syncDataSync } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.syncDataSync = () => {
      throw new Error("Input/output error (os error 5)");
    };
    try {
      const add = ["enqueue", "--id", "a", "--command", "true"];
      const { code, stdout, stderr } = await queuectl(directory, add);
      assert.deepEqual([code, stdout], [0, "a\n"]);
      assert.match(stderr, /recorded, not confirmed: the disk refused to sync/);
    } finally {
      Deno.FsFile.prototype.syncDataSync = syncDataSync;
    }
  });
});

Deno.test("what doctor tells of a damaged file does nothing to a terminal", async () => {
  await withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/jobs.json`, '[{"id":"a\\u001b[2Jb","command":"x"}]\n');
    const { code, stdout } = await queuectl(directory, ["doctor"]);
    assert.equal(code, 1);
    assert.match(stdout, /'a\\x1b\[2Jb' is no job id/);
  });
});
