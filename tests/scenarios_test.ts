/** The five scenarios of the field, and what breaks such systems, with the real program. */
import assert from "node:assert/strict";
import { isThere } from "../src/machine/io.ts";
import { MAIN, ok, program, show, start } from "./support/cli.ts";
import { readJobs } from "./support/files.ts";
import { withDirectory } from "./support/temporary.ts";
import { waitUntil } from "./support/wait_until.ts";

/** What a process has said so far. */
class Said {
  text = "";
  readonly over: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.over = this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) this.text += piece;
  }
}

Deno.test("a job completes, and its output is kept", async () => {
  await withDirectory(async (directory) => {
    const id = await ok(directory, "enqueue", '{"id":"hello","command":"echo Hello World"}');
    assert.equal(id, "hello\n");
    await ok(directory, "worker", "start", "--drain");
    assert.equal((await show(directory, "hello")).state, "completed");
    assert.equal(await ok(directory, "logs", "hello"), "Hello World\n");
    assert.equal(readJobs(`${directory}/jobs.json`)[0]?.state, "completed");
  });
});

Deno.test("a failing job retries with backoff and lands in the DLQ, from where it can come back", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "backoff_base", "0.5");
    await ok(directory, "enqueue", '{"id":"bad","command":"exit 7","max_retries":2}');
    const events = await ok(directory, "worker", "start", "--drain");
    assert.match(events, /failed bad attempt 1\/3: exit code 7; retry at/);
    assert.match(events, /failed bad attempt 3\/3: exit code 7; moved to the DLQ/);
    const dead = await show(directory, "bad");
    assert.deepEqual([dead.state, dead.attempts, dead.exit_code], ["dead", 3, 7]);
    const starts = dead.history!.map((entry) => Date.parse(entry.started_at));
    const ends = dead.history!.map((entry) => Date.parse(entry.finished_at));
    assert.ok(starts[1]! - ends[0]! >= 500 && starts[2]! - ends[1]! >= 250);
    assert.equal(readJobs(`${directory}/dlq.json`)[0]?.id, "bad");
    assert.match(await ok(directory, "dlq", "list"), /bad .*exit code 7/);
    await ok(directory, "dlq", "retry", "bad");
    const back = await show(directory, "bad");
    assert.deepEqual([back.state, back.attempts], ["pending", 0]);
    assert.deepEqual(readJobs(`${directory}/dlq.json`), []);
  });
});

Deno.test("a job that waits for its retry keeps no worker from the others", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "backoff_base", "30");
    await ok(
      directory,
      "enqueue",
      '{"id":"first","command":"false"}',
      '{"id":"second","command":"true"}',
    );
    const worker = start(directory, ["worker", "start"]);
    await waitUntil(
      "the second job",
      async () => (await show(directory, "second")).state === "completed",
    );
    assert.equal((await show(directory, "first")).state, "failed");
    worker.kill("SIGTERM");
    assert.equal((await worker.output()).code, 0);
  });
});

Deno.test("a job that depends on another has waited since that one was completed", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "--id", "a", "--command", "sleep 1");
    await ok(directory, "enqueue", "--id", "b", "--depends-on", "a", "--", "true");
    await ok(directory, "worker", "start", "--drain");
    const [run] = (await show(directory, "b")).history!;
    assert.ok(run!.waited_seconds! < 1, String(run!.waited_seconds));
  });
});

Deno.test("an unknown command fails like any other", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", '{"id":"x","command":"nonexistent_cmd","max_retries":0}');
    await ok(directory, "worker", "start", "--drain");
    const dead = await show(directory, "x");
    assert.deepEqual([dead.state, dead.exit_code], ["dead", 127]);
    assert.match(dead.error!, /nonexistent_cmd/);
  });
});

Deno.test("many workers in two supervisors run every job once, and never two runs of one", async () => {
  await withDirectory(async (directory) => {
    const jobs = Array.from({ length: 150 }, (_, i) => ({
      id: `job${i}`,
      command: `echo "start ${i}" >> ${directory}/runs; echo "end ${i}" >> ${directory}/runs`,
    }));
    const { code } = await program(
      directory,
      ["enqueue", "--file", "-"],
      jobs.map((job) => JSON.stringify(job)).join("\n"),
    );
    assert.equal(code, 0);
    const supervisors = [1, 2].map(() =>
      start(directory, ["worker", "start", "-n", "3", "--drain"])
    );
    for (const supervisor of supervisors) assert.equal((await supervisor.output()).code, 0);
    const lines = Deno.readTextFileSync(`${directory}/runs`).trim().split("\n");
    for (const edge of ["start", "end"]) {
      const seen = lines.filter((line) => line.startsWith(`${edge} `));
      assert.equal(seen.length, jobs.length);
      assert.equal(new Set(seen).size, jobs.length);
    }
    const states = readJobs(`${directory}/jobs.json`).map(({ state, attempts }) =>
      `${state} ${attempts}`
    );
    assert.deepEqual(states, jobs.map(() => "completed 1"));
  });
});

Deno.test("a drain with nothing to do makes no more workers than it needs to find that out", async () => {
  await withDirectory(async (directory) => {
    const events = await ok(directory, "worker", "start", "--drain", "--count", "100");
    const started = events.match(/ started$/gm)?.length ?? 0;
    assert.ok(started >= 1 && started < 50, String(started));
    assert.equal(await ok(directory, "worker", "list", "--json"), `{"workers":[]}\n`);
  });
});

Deno.test("16 enqueues at once, 25 times, with two workers draining: nothing is missing", async () => {
  await withDirectory(async (directory) => {
    const worker = start(directory, ["worker", "start", "-n", "2"]);
    const ids: string[] = [];
    for (let round = 0; round < 25; round++) {
      const results = await Promise.all(
        Array.from({ length: 16 }, () => program(directory, ["enqueue", "-c", "true"])),
      );
      for (const { code, stdout, stderr } of results) {
        assert.equal(code, 0, stderr);
        ids.push(stdout.trim());
      }
    }
    await ok(directory, "wait");
    worker.kill("SIGINT");
    assert.equal((await worker.output()).code, 0);
    const jobs = readJobs(`${directory}/jobs.json`);
    assert.equal(new Set(ids).size, 400);
    assert.deepEqual(new Set(jobs.map(({ id }) => id)), new Set(ids));
    assert.ok(jobs.every(({ state, attempts }) => state === "completed" && attempts === 1));
  });
});

Deno.test("16 enqueues at once without a worker leave a current jobs.json", async () => {
  await withDirectory(async (directory) => {
    const results = await Promise.all(
      Array.from(
        { length: 16 },
        (_, i) => program(directory, ["enqueue", "-i", `j${i}`, "-c", "true"]),
      ),
    );
    assert.ok(results.every(({ code }) => code === 0));
    assert.equal(readJobs(`${directory}/jobs.json`).length, 16);
  });
});

Deno.test("everything survives a restart: waiting, failed, completed and dead jobs, and settings", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "backoff_base", "100");
    await ok(
      directory,
      "enqueue",
      '{"id":"good","command":"true"}',
      '{"id":"bad","command":"false"}',
    );
    await ok(directory, "enqueue", '{"id":"dead","command":"false","max_retries":0}');
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the dead job", async () => (await show(directory, "dead")).state === "dead");
    worker.kill("SIGTERM");
    assert.equal((await worker.output()).code, 0);
    await ok(
      directory,
      "enqueue",
      '{"id":"later","command":"true","run_at":"2100-01-01T00:00:00Z"}',
    );
    const status = JSON.parse(await ok(directory, "status", "--json"));
    assert.deepEqual(status.counts, {
      pending: 1,
      processing: 0,
      completed: 1,
      failed: 1,
      dead: 1,
      cancelled: 0,
    });
    assert.equal(await ok(directory, "config", "get", "backoff-base"), "100\n");
  });
});

Deno.test("Ctrl-C, SIGTERM and worker stop finish what runs and leave nothing processing", async () => {
  for (const how of ["SIGINT", "SIGTERM", "worker stop"] as const) {
    await withDirectory(async (directory) => {
      await ok(
        directory,
        "enqueue",
        `{"id":"slow","command":"touch running; while [ ! -e go ]; do sleep 0.05; done; echo done","cwd":"${directory}"}`,
        '{"id":"next","command":"true"}',
      );
      const worker = start(directory, ["worker", "start"]);
      const said = new Said(worker.stdout);
      const warned = new Said(worker.stderr);
      await waitUntil("the slow job to run", () => {
        try {
          return Deno.statSync(`${directory}/running`).isFile;
        } catch {
          return false;
        }
      });
      if (how === "worker stop") assert.match(await ok(directory, "worker", "stop"), /^worker-/);
      else worker.kill(how);
      await waitUntil(
        "the worker to heed it",
        () => `${said.text}${warned.text}`.includes("stopping"),
      );
      Deno.writeTextFileSync(`${directory}/go`, "");
      assert.equal((await worker.status).code, 0, how);
      await Promise.all([said.over, warned.over]);
      assert.equal((await show(directory, "slow")).state, "completed", how);
      assert.equal((await show(directory, "next")).state, "pending", how);
      assert.deepEqual([...Deno.readDirSync(`${directory}/workers`)], []);
    });
  }
});

Deno.test("a second Ctrl-C ends what runs and puts the job back without counting the run", async () => {
  await withDirectory(async (directory) => {
    await ok(
      directory,
      "enqueue",
      `{"id":"slow","command":"echo $$ > pid; sleep 300","cwd":"${directory}"}`,
    );
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the job to run", () => {
      try {
        return Deno.readTextFileSync(`${directory}/pid`).endsWith("\n");
      } catch {
        return false;
      }
    });
    const said = new Said(worker.stdout);
    const warned = new Said(worker.stderr);
    worker.kill("SIGINT");
    await waitUntil("the first Ctrl-C to be heeded", () => warned.text.includes("stopping"));
    // Two signals in less than 50 ms count as one press.
    await new Promise((resolve) => setTimeout(resolve, 60));
    worker.kill("SIGINT");
    assert.equal((await worker.status).code, 130);
    await Promise.all([said.over, warned.over]);
    const job = await show(directory, "slow");
    assert.deepEqual([job.state, job.attempts], ["pending", 0]);
    assert.equal(job.history?.at(-1)?.error, "interrupted by a forced stop");
  });
});

Deno.test("a stop is heeded although nothing can be said any more", async () => {
  await withDirectory(async (directory) => {
    const command = "echo > begun; while [ ! -e go ]; do sleep 0.05; done";
    await ok(directory, "enqueue", JSON.stringify({ id: "a", command, cwd: directory }));
    const full =
      `exec ${Deno.execPath()} run -A --quiet ${MAIN} worker start >/dev/full 2>/dev/full`;
    const worker = new Deno.Command("sh", {
      args: ["-c", full],
      env: { QUEUECTL_HOME: directory },
      stdin: "null",
    }).spawn();
    await waitUntil("the job to run", () => isThere(`${directory}/begun`));
    worker.kill("SIGHUP");
    Deno.writeTextFileSync(`${directory}/go`, "");
    assert.equal((await worker.status).code, 0);
    assert.equal((await show(directory, "a")).state, "completed");
    assert.deepEqual([...Deno.readDirSync(`${directory}/workers`)], []);
  });
});

Deno.test("who waits for a cancelled job waits until its processes have ended", async () => {
  await withDirectory(async (directory) => {
    const command = "trap '' TERM; touch begun; while [ ! -e go ]; do sleep 0.05; done; touch over";
    await ok(directory, "enqueue", JSON.stringify({ id: "a", command, cwd: directory }));
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the job to run", () => isThere(`${directory}/begun`));
    await ok(directory, "cancel", "a");
    const tooEarly = await program(directory, ["delete", "a"]);
    assert.match(tooEarly.stderr, /its cancelled run has not ended yet/);
    assert.equal((await program(directory, ["wait", "a", "--timeout", "0"])).code, 124);
    Deno.writeTextFileSync(`${directory}/go`, "");
    assert.equal((await program(directory, ["wait", "a"])).code, 1);
    assert.ok(isThere(`${directory}/over`));
    await ok(directory, "delete", "a");
    worker.kill("SIGTERM");
    assert.equal((await worker.output()).code, 0);
  });
});

Deno.test("others see that workers stop at a signal, and are told that nobody takes their jobs", async () => {
  await withDirectory(async (directory) => {
    const command = "while [ ! -e go ]; do sleep 0.05; done";
    await ok(directory, "enqueue", JSON.stringify({ id: "a", command, cwd: directory }));
    const worker = start(directory, ["worker", "start"]);
    await waitUntil("the job to run", async () => {
      return (await show(directory, "a")).state === "processing";
    });
    worker.kill("SIGINT");
    await waitUntil("the stop to be seen", async () => {
      const { workers } = JSON.parse(await ok(directory, "worker", "list", "--json"));
      return workers[0].stopping;
    });
    await ok(directory, "enqueue", "--id", "b", "--", "true");
    const { stderr } = await program(directory, ["wait", "b", "--timeout", "0"]);
    assert.match(stderr, /every worker is stopping: start one with `queuectl worker start`/);
    Deno.writeTextFileSync(`${directory}/go`, "");
    assert.equal((await worker.output()).code, 0);
    assert.equal((await show(directory, "a")).state, "completed");
    assert.deepEqual([...Deno.readDirSync(`${directory}/workers`)], []);
  });
});

Deno.test("workers go on when whoever started them in the background has gone", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "-i", "a", "-c", "true");
    const workers = start(directory, ["worker", "start", "--in-background", "--drain"]);
    await workers.stdout.cancel();
    await workers.stderr.cancel();
    assert.equal((await workers.status).code, 0);
    assert.equal((await show(directory, "a")).state, "completed");
  });
});

Deno.test("detached workers are ready when the command returns, and stop from anywhere", async () => {
  await withDirectory(async (directory) => {
    const ids = (await ok(directory, "worker", "start", "-n", "2", "--detach")).trim().split("\n");
    assert.equal(ids.length, 2);
    const { workers } = JSON.parse(await ok(directory, "worker", "list", "--json"));
    assert.deepEqual(workers.map((each: { id: string }) => each.id).toSorted(), ids.toSorted());
    await ok(directory, "enqueue", "-i", "a", "-c", "true");
    await ok(directory, "wait", "a", "--timeout", "20");
    await ok(directory, "worker", "stop", "--wait");
    assert.equal((await program(directory, ["worker", "list"])).stdout, "");
  });
});

Deno.test("a closed pipe ends a command quietly", async () => {
  await withDirectory(async (directory) => {
    const jobs = Array.from(
      { length: 5000 },
      (_, i) => `{"command":"echo ${i} ${"x".repeat(100)}"}`,
    );
    await program(directory, ["enqueue", "--file", "-"], jobs.join("\n"));
    const child = start(directory, ["list", "--json"]);
    await child.stdout.cancel();
    const stderr = await new Response(child.stderr).text();
    assert.deepEqual([(await child.status).code, stderr], [0, ""]);
  });
});

Deno.test("SIGTERM to the whole process group puts the job back, and it does not count as a run", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "--id", "a", "--max-retries", "0", "--", "sleep", "60");
    const { code } = await new Deno.Command("timeout", {
      args: ["3", Deno.execPath(), "run", "-A", "--quiet", MAIN, "worker", "start"],
      env: { QUEUECTL_HOME: directory },
      stdout: "null",
      stderr: "null",
    }).output();
    assert.equal(code, 124, "timeout has ended it");
    await waitUntil(
      "the job is back",
      async () => (await show(directory, "a")).state === "pending",
    );
    assert.equal((await show(directory, "a")).attempts, 0);
  });
});
