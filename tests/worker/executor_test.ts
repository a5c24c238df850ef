import assert from "node:assert/strict";
import { isThere } from "../../src/machine/io.ts";
import { execute, type Run, type Shortage } from "../../src/worker/executor.ts";
import type { Outcome } from "../../src/model/transitions.ts";
import { isRunning } from "../support/processes.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

async function withRun(
  command: string,
  work: (run: Run, directory: string) => Promise<void>,
  more: Partial<Run> = {},
): Promise<void> {
  await withDirectory(async (directory) => {
    const gate = `${directory}/gate`;
    Deno.writeTextFileSync(gate, "");
    await work({
      run: crypto.randomUUID(),
      command,
      cwd: directory,
      env: {},
      gate,
      log: `${directory}/it's a log`,
      logLimitBytes: 1_000_000,
      timeoutSeconds: 0,
      onLook: () => {},
      ...more,
    }, directory);
  });
}

async function readPid(path: string): Promise<number> {
  return await waitUntil(`a pid in ${path}`, () => {
    try {
      const text = Deno.readTextFileSync(path);
      return text.endsWith("\n") ? Number(text) : undefined;
    } catch {
      return undefined;
    }
  });
}

Deno.test("a command's output goes to its log, both streams in order", async () => {
  await withRun("echo one; echo two >&2; echo three", async (run) => {
    assert.deepEqual(await execute(run).outcome, { kind: "exited", exit_code: 0 });
    assert.equal(Deno.readTextFileSync(run.log), "one\ntwo\nthree\n");
  });
});

Deno.test("a command runs and its output is kept though somebody has removed the directory of logs", async () => {
  await withRun("echo here", async (run, directory) => {
    const log = `${directory}/removed/log`;
    assert.deepEqual(await execute({ ...run, log }).outcome, { kind: "exited", exit_code: 0 });
    assert.equal(Deno.readTextFileSync(log), "here\n");
    assert.equal(Deno.statSync(`${directory}/removed`).mode! & 0o777, 0o700);
  });
});

Deno.test("a command whose log cannot be opened is not begun, and is not to blame", async () => {
  await withRun("touch ran", async (run, directory) => {
    Deno.writeTextFileSync(`${directory}/logs`, "no directory");
    const log = `${directory}/logs/log`;
    assert.deepEqual(await execute({ ...run, log }).outcome, {
      kind: "shortage",
      reason: `cannot write ${log}`,
    });
    assert.ok(![...Deno.readDirSync(directory)].some(({ name }) => name === "ran"));
    assert.deepEqual(await execute({ ...run, command: "exit 121" }).outcome, {
      kind: "exited",
      exit_code: 121,
    });
  });
});

Deno.test("an exit code is told with the last line of the output", async () => {
  await withRun("echo fine; echo broken >&2; echo; exit 3", async (run) => {
    assert.deepEqual(await execute(run).outcome, {
      kind: "exited",
      exit_code: 3,
      last_line: "broken",
    });
  });
});

Deno.test("a command that is not there, or is no shell, fails like any other", async () => {
  await withRun("nonexistent_cmd", async (run) => {
    const outcome = await execute(run).outcome;
    assert.ok(outcome.kind === "exited" && outcome.exit_code === 127);
    assert.match(outcome.last_line ?? "", /nonexistent_cmd/);
  });
  await withRun("echo 'never closed", async (run) => {
    const outcome = await execute(run).outcome;
    assert.ok(outcome.kind === "exited" && outcome.exit_code !== 0);
    assert.match(Deno.readTextFileSync(run.log), /[Uu]nterminated|unexpected/);
  });
});

Deno.test("a command ended by a signal is told so", async () => {
  await withRun("kill -SEGV $$", async (run) => {
    assert.deepEqual(await execute(run).outcome, { kind: "signalled", signal: "SIGSEGV" });
  });
  for (const [number, signal] of [[34, "SIGRTMIN"], [42, "SIGRTMIN+8"], [64, "SIGRTMIN+30"]]) {
    await withRun(`kill -${number} $$`, async (run) => {
      assert.deepEqual(await execute(run).outcome, { kind: "signalled", signal });
    });
  }
});

Deno.test("a directory that is not there is a run that could not start", async () => {
  await withRun("true", async (run) => {
    assert.deepEqual(await execute(run).outcome, {
      kind: "not_started",
      reason: "there is no directory /there/is/none",
    });
  }, { cwd: "/there/is/none" });
});

Deno.test("a timeout counts however short it is", async () => {
  await withRun("sleep 5", async (run) => {
    assert.deepEqual(await execute(run).outcome, { kind: "timed_out", after_seconds: 0.02 });
  }, { timeoutSeconds: 0.02 });
});

Deno.test("directory and environment are the job's own", async () => {
  await withRun('pwd; echo "$COLOUR $QUEUECTL_RUN"', async (run, directory) => {
    await execute(run).outcome;
    assert.equal(
      Deno.readTextFileSync(run.log),
      `${Deno.realPathSync(directory)}\ndark red ${run.run}\n`,
    );
  }, { env: { COLOUR: "dark red" } });
});

Deno.test("a closed gate lets no command begin", async () => {
  await withRun("touch ran", async (run, directory) => {
    Deno.removeSync(run.gate);
    const outcome = await execute(run).outcome;
    assert.deepEqual(outcome, { kind: "exited", exit_code: 125 });
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  });
});

Deno.test("a timeout ends the whole tree: children, grandchildren, and those with another parent", async () => {
  const command = `
    sh -c 'sleep 300 & echo $! > grandchild; wait' &
    (setsid sleep 300 & echo $! > adopted) &
    sleep 300 & echo $! > child
    wait`;
  await withRun(command, async (run, directory) => {
    const running = execute(run);
    const pids = await Promise.all(
      ["grandchild", "adopted", "child"].map((name) => readPid(`${directory}/${name}`)),
    );
    assert.ok(pids.every(isRunning));
    assert.deepEqual(await running.outcome, { kind: "timed_out", after_seconds: 1 });
    assert.deepEqual(pids.filter(isRunning), []);
  }, { timeoutSeconds: 1 });
});

Deno.test("what ignores SIGTERM is killed after the grace", async () => {
  await withRun(
    "trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done",
    async (run, directory) => {
      const running = execute(run);
      const pid = await readPid(`${directory}/pid`);
      running.interrupt();
      assert.deepEqual(await running.outcome, { kind: "interrupted" });
      assert.ok(!isRunning(pid));
    },
  );
});

Deno.test("a command that drops its environment is ended too", async () => {
  await withRun("echo $$ > pid; exec env -i sleep 300", async (run, directory) => {
    const outcome = await execute(run).outcome;
    assert.deepEqual(outcome, { kind: "timed_out", after_seconds: 0.2 });
    assert.ok(!isRunning(await readPid(`${directory}/pid`)));
  }, { timeoutSeconds: 0.2 });
});

Deno.test("the first reason to end a run wins", async () => {
  await withRun("sleep 300", async (run) => {
    const running = execute(run);
    running.interrupt();
    assert.deepEqual(await running.outcome, { kind: "interrupted" });
  }, { timeoutSeconds: 0.2 });
});

Deno.test("what a completed run has left in the background is not ended by a late interrupt", async () => {
  await withRun("sleep 300 & echo $! > pid", async (run, directory) => {
    const running = execute(run);
    assert.deepEqual(await running.outcome, { kind: "exited", exit_code: 0 });
    const pid = await readPid(`${directory}/pid`);
    running.interrupt();
    // Another one is ended in full meanwhile: so would this one have been.
    const other = execute({ ...run, run: "other", command: "sleep 300" });
    other.interrupt();
    assert.deepEqual(await other.outcome, { kind: "interrupted" });
    assert.ok(isRunning(pid));
    Deno.kill(pid, "SIGKILL");
  });
});

Deno.test("a Ctrl-C for the supervisor does not reach the command", async () => {
  await withRun("kill -INT $$; kill -HUP $$; echo still here", async (run) => {
    assert.deepEqual(await execute(run).outcome, { kind: "exited", exit_code: 0 });
    assert.equal(Deno.readTextFileSync(run.log), "still here\n");
  });
});

Deno.test("runaway output is cut at the limit, and the log says so", async () => {
  await withRun("yes runaway", async (run) => {
    const running = execute(run);
    await waitUntil("more output than the limit", () => {
      try {
        return Deno.statSync(run.log).size > 0;
      } catch {
        return false;
      }
    });
    await running.outcome;
    const text = Deno.readTextFileSync(run.log);
    assert.ok(text.length < 5000 + 1250 + 200, String(text.length));
    assert.match(text, /\n\[queuectl: the output was cut at 5000 bytes; this is its end:\]\n/);
  }, { logLimitBytes: 5000, timeoutSeconds: 1 });
});

Deno.test("the end of an output that is cut is kept, and tells why the command failed", async () => {
  const command = "seq 100000; sleep 0.3; echo FATAL: the disk is full; exit 3";
  await withRun(command, async (run) => {
    assert.deepEqual(await execute(run).outcome, {
      kind: "exited",
      exit_code: 3,
      last_line: "FATAL: the disk is full",
    });
    const text = Deno.readTextFileSync(run.log);
    assert.match(text, /^1\n2\n3\n/);
    assert.match(text, /\n\[queuectl: .*:\]\n[\d\n]+\n99999\n100000\nFATAL: the disk is full\n$/);
    assert.ok(text.length < 5000 + 1250 + 200, String(text.length));
  }, { logLimitBytes: 5000 });
});

Deno.test("what a shell had started is ended when somebody has killed the shell", async () => {
  await withRun("sleep 60 & echo $! > child; echo $$ > shell; wait", async (run, directory) => {
    const { outcome } = execute(run);
    const child = await readPid(`${directory}/child`);
    Deno.kill(await readPid(`${directory}/shell`), "SIGKILL");
    assert.deepEqual(await outcome, { kind: "signalled", signal: "SIGKILL" });
    assert.ok(!isRunning(child));
  });
});

Deno.test("the dashboard's secret is none of a job's business", async () => {
  const before = Deno.env.get("QUEUECTL_TOKEN");
  Deno.env.set("QUEUECTL_TOKEN", "secret");
  try {
    await withRun('echo "[$QUEUECTL_TOKEN]"', async (run) => {
      await execute(run).outcome;
      assert.equal(Deno.readTextFileSync(run.log), "[]\n");
    });
  } finally {
    if (before === undefined) Deno.env.delete("QUEUECTL_TOKEN");
    else Deno.env.set("QUEUECTL_TOKEN", before);
  }
});

Deno.test("what is meant for the supervisor's terminal ends no command", async () => {
  const command = "for each in INT QUIT HUP; do kill -$each $$; done; echo goes on";
  await withRun(command, async (run) => {
    assert.deepEqual(await execute(run).outcome, { kind: "exited", exit_code: 0 });
    assert.equal(Deno.readTextFileSync(run.log), "goes on\n");
  });
});

Deno.test("a command is asked to end once, and may take its time for it", async () => {
  const command =
    "trap 'echo asked' TERM; echo ready; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1 & wait; done";
  await withRun(command, async (run) => {
    const running = execute(run);
    const printed = (): string => isThere(run.log) ? Deno.readTextFileSync(run.log) : "";
    await waitUntil("it is ready", () => printed() !== "");
    running.interrupt();
    assert.deepEqual(await running.outcome, { kind: "interrupted" });
    assert.equal(printed(), "ready\nasked\n");
  });
});

/** A process whose first thread ends while another one goes on; undefined where there is no way to it. */
function threaded(): string | undefined {
  const exit = { x86_64: 60, aarch64: 93 }[Deno.build.arch];
  const { success } = new Deno.Command("perl", { args: ["-Mthreads", "-e", "1"], stderr: "null" })
    .outputSync();
  if (Deno.build.os !== "linux" || !success) return undefined;
  const script = `threads->create(sub { sleep 300 })->detach; syscall(${exit}, 0)`;
  return `echo $$ > pid; exec perl -Mthreads -e '${script}'`;
}

Deno.test({
  name: "a process whose first thread has ended is ended too, and no zombie",
  ignore: threaded() === undefined,
  fn: () =>
    withRun(threaded()!, async (run, directory) => {
      const running = execute(run);
      let outcome: Outcome | Shortage | undefined;
      const over = running.outcome.then((it) => outcome = it);
      const pid = await readPid(`${directory}/pid`);
      const stateOf = (): string => Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]![0]!;
      try {
        await waitUntil("the end of its first thread", () => stateOf() === "Z");
        running.interrupt();
        await waitUntil("its end", () => outcome !== undefined, 10);
        assert.equal(outcome?.kind, "interrupted");
      } finally {
        if (!outcome) Deno.kill(pid, "SIGKILL");
        await over;
      }
    }),
});
