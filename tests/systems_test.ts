/**
 * The commands of five queues that people come from, as their READMEs print them, run here as they
 * stand there, and held to what is said of them.
 */
import assert from "node:assert/strict";
import type { Job } from "../src/model/job.ts";
import { show } from "./support/cli.ts";
import { queuectlOnPath } from "./support/scripts.ts";
import { withDirectory } from "./support/temporary.ts";
import { waitUntil } from "./support/wait_until.ts";

/** A shell in which `queuectl` is the real program, on a queue of its own. */
class Shell {
  private constructor(
    readonly home: string,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  static async with(work: (shell: Shell) => Promise<void>): Promise<void> {
    await withDirectory(async (folder) => {
      const home = `${folder}/queue`;
      await Deno.mkdir(home);
      const env = await queuectlOnPath(folder, home);
      await work(new Shell(home, env));
    });
  }

  /** Runs a line that must end with this exit code; returns what it printed. */
  async run(line: string, code = 0): Promise<string> {
    const result = await new Deno.Command("sh", {
      args: ["-c", line],
      cwd: this.home,
      env: this.env,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const [stdout, stderr] = [decoder.decode(result.stdout), decoder.decode(result.stderr)];
    assert.equal(result.code, code, `${line}: ${stdout}${stderr}`);
    return code === 0 ? stdout : stderr;
  }

  /** Starts a line in the background, as in a terminal of its own. */
  start(line: string): Deno.ChildProcess {
    return new Deno.Command("sh", {
      args: ["-c", `exec ${line}`],
      cwd: this.home,
      env: this.env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Starts the dashboard as it stands there; returns the first line that it prints. */
  async web(): Promise<string> {
    const child = new Deno.Command("sh", {
      args: ["-c", "exec queuectl web 2>&1"],
      cwd: this.home,
      env: this.env,
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended already: somebody else has that port.
    }
    await child.status;
    await reader.cancel();
    return value ?? "";
  }

  job(id: string): Promise<Job> {
    return show(this.home, id);
  }

  async untilState(id: string, state: Job["state"]): Promise<void> {
    await waitUntil(`${id} is ${state}`, async () => (await this.job(id)).state === state);
  }

  async activeWorkers(): Promise<number> {
    return JSON.parse(await this.run("queuectl status --json")).workers.length;
  }

  /** Starts workers, waits until they are there, does something, stops them from here. */
  async working(
    line: string,
    count: number,
    stop: string,
    work: () => Promise<void>,
  ): Promise<void> {
    const workers = this.start(line);
    await waitUntil("the workers are there", async () => await this.activeWorkers() === count);
    await work();
    await this.run(stop);
    assert.equal((await workers.status).code, 0);
    assert.equal(await this.activeWorkers(), 0);
  }
}

Deno.test("000: enqueue, three workers, list by state, the DLQ, settings", async () => {
  await Shell.with(async (shell) => {
    await shell.run("queuectl config set max_retries 5");
    await shell.run("queuectl config set backoff_base 0");
    await shell.run(`queuectl enqueue '{"id":"job1","command":"echo Hello World"}'`);
    assert.equal((await shell.job("job1")).max_retries, 5);
    assert.match(await shell.run("queuectl list --state pending"), /job1/);
    await shell.run(`queuectl enqueue '{"id":"job2","command":"exit 1","max_retries":0}'`);
    await shell.working("queuectl worker start --count 3", 3, "queuectl worker stop", async () => {
      await shell.untilState("job1", "completed");
      await shell.untilState("job2", "dead");
    });
    assert.match(await shell.run("queuectl list --state completed"), /job1/);
    assert.match(await shell.run("queuectl list --state dead"), /job2/);
    assert.equal(await shell.run("queuectl list --state failed"), "");
    assert.match(await shell.run("queuectl status"), /completed +1/);
    assert.match(await shell.run("queuectl dlq list"), /job2 .*exit code 1/);
    assert.match(await shell.run("queuectl dlq retry job1", 1), /not in the dead letter queue/);
    await shell.run("queuectl dlq retry job2");
    assert.equal((await shell.job("job2")).state, "pending");
  });
});

Deno.test("001: flags, delete, one worker of several stopped, its log, settings by their old names", async () => {
  await Shell.with(async (shell) => {
    await shell.run(`queuectl enqueue --command "echo 'Hello, QueueCTL!'" --id my-first-job`);
    await shell.run(`queuectl enqueue '{"command":"sleep 5", "max_retries":5}' --id sleeper`);
    await shell.run(`queuectl enqueue --command "python script.py" --id job-123 --max-retries 3`);
    assert.match(await shell.run("queuectl list"), /my-first-job(.|\n)*|python script.py/);
    await shell.run("queuectl delete job-123");
    await shell.run("queuectl show job-123", 1);
    await shell.run("queuectl config set max_retries_default 5");
    assert.equal(await shell.run("queuectl config get max_retries_default"), "5\n");
    await shell.run("queuectl config set backoff_base 3");
    await shell.run("queuectl config set poll_interval 1.5");
    assert.equal(await shell.run("queuectl config get poll_interval"), "1.5\n");
    assert.match(await shell.run("queuectl config list"), /poll_interval_ms +1500/);
    await shell.run("queuectl enqueue --command 'exit 1' --id job-123 --max-retries 0");
    const workers = shell.start("queuectl worker start --count 2");
    await shell.untilState("job-123", "dead");
    await shell.untilState("my-first-job", "completed");
    assert.equal(await shell.run("queuectl logs my-first-job"), "Hello, QueueCTL!\n");
    assert.match(await shell.run("queuectl list --state processing"), /sleep 5/);
    const { workers: found } = JSON.parse(await shell.run("queuectl worker list --json"));
    const idle = found.find((worker: { job: string | null }) => worker.job === null).id;
    assert.equal(await shell.run(`queuectl worker stop --id ${idle}`), `${idle}\n`);
    await waitUntil("one is left", async () => await shell.activeWorkers() === 1);
    assert.match(
      await shell.run(`queuectl worker logs ${idle} --lines 50`),
      /started\n(.|\n)*stopped\n$/,
    );
    await shell.run("queuectl worker stop --wait --timeout 10");
    assert.equal((await workers.status).code, 0);
    assert.equal((await shell.job("sleeper")).state, "completed");
    assert.match(
      await shell.run("queuectl web --host 0.0.0.0 --port 5000", 2),
      /whoever reaches 0\.0\.0\.0 could run commands here/,
    );
    assert.match(await shell.web(), /^http:\/\/127\.0\.0\.1:5000\/\?token=|the port is taken/);
    assert.match(await shell.run("queuectl dlq list"), /job-123/);
    await shell.run("queuectl dlq retry job-123");
    await shell.run("queuectl dlq delete job-123", 1);
    await shell.run("queuectl worker start --drain");
    await shell.run("queuectl dlq delete job-123");
  });
});

Deno.test("002: a file, hyphens, priorities and times", async () => {
  await Shell.with(async (shell) => {
    await Deno.writeTextFile(
      `${shell.home}/job.json`,
      '{ "id": "job2", "command": "echo from file" }',
    );
    await shell.run(`queuectl enqueue --id job1 --cmd "echo Hello"`);
    await shell.run("queuectl enqueue --file job.json");
    await shell.run("queuectl config set max-retries 3");
    await shell.run("queuectl config set backoff-base 0");
    assert.match(await shell.run("queuectl config show"), /max_retries +3/);
    assert.match(await shell.run("queuectl list --state pending"), /job2/);
    await shell.run(`queuectl enqueue --id p1 --cmd "echo x" --priority 1 --max-retries 2`);
    await shell.run(`queuectl enqueue --id p2 --cmd "echo x" --run-at "2030-01-01 10:00:00"`);
    await shell.run(`queuectl enqueue --id p3 --cmd "echo x" --delay 10`);
    const p2 = (await shell.job("p2")).run_at!;
    assert.equal(Date.parse(p2), new Date(2030, 0, 1, 10).getTime(), "local time");
    const p3 = await shell.job("p3");
    const delay = Date.parse(p3.run_at!) - Date.parse(p3.created_at);
    assert.ok(delay > 9_000 && delay <= 10_000, "ten seconds from when it was given");
    await shell.run("queuectl enqueue --id job_id --cmd nonexistent --max-retries 1");
    await shell.working("queuectl worker start --count 3", 3, "queuectl worker stop", async () => {
      await shell.untilState("p1", "completed");
      await shell.untilState("job2", "completed");
      await shell.untilState("job_id", "dead");
    });
    assert.equal((await shell.job("p2")).state, "pending");
    assert.equal(await shell.run("queuectl logs job2"), "from file\n");
    assert.match(await shell.run("queuectl status"), /pending +2/);
    assert.match(await shell.run("queuectl dlq list"), /job_id +2\/2/);
    await shell.run("queuectl dlq retry job_id");
  });
});

Deno.test("003: jobs with quotes for cmd, a command that is not there, metrics", async () => {
  await Shell.with(async (shell) => {
    await shell.run("queuectl status");
    await shell.run(
      `queuectl enqueue "{\\"id\\":\\"job_ok\\",\\"command\\":\\"echo hello\\",\\"max_retries\\":2}"`,
    );
    await shell.run(
      `queuectl enqueue "{\\"id\\":\\"job_fail\\",\\"command\\":\\"nonexistent_cmd\\",\\"max_retries\\":2}"`,
    );
    await shell.run("queuectl config set backoff_base 2");
    assert.equal(await shell.run("queuectl config get backoff_base"), "2\n");
    await shell.run("queuectl config set backoff_base 0");
    await shell.run("queuectl config set job_timeout 30");
    assert.equal(await shell.run("queuectl config get job_timeout_seconds"), "30\n");
    await shell.working("queuectl worker start --count 2", 2, "queuectl worker stop", async () => {
      await shell.untilState("job_ok", "completed");
      await shell.untilState("job_fail", "dead");
    });
    assert.match(await shell.run("queuectl list"), /job_fail +dead +3\/3/);
    assert.match(await shell.run("queuectl dlq list"), /nonexistent_cmd.*not found/);
    assert.match(await shell.run("queuectl metrics"), /success rate +25%/);
    await shell.run("queuectl dlq retry job_fail");
  });
});

Deno.test("004: the JSON files to look at, edited and emptied by hand, and reset", async () => {
  await Shell.with(async (shell) => {
    await shell.run(`queuectl enqueue '{"id":"j1","command":"echo hi"}'`);
    assert.match(await shell.run("queuectl list"), /j1/);
    assert.equal(await shell.run("queuectl list --state dead"), "");
    const stored = JSON.parse(await Deno.readTextFile(`${shell.home}/jobs.json`));
    assert.equal(stored[0].command, "echo hi");
    await shell.working("queuectl worker start --count 3", 3, "queuectl worker stop", async () => {
      await shell.untilState("j1", "completed");
    });
    assert.match(await shell.run("queuectl enqueue '{\"id\":'", 2), /this is no JSON/);
    assert.match(await shell.run('queuectl enqueue \'{"id":"x"}\'', 2), /a job has no command/);
    await Deno.writeTextFile(`${shell.home}/config.json`, '{"max_retries": 9}');
    await shell.run('queuectl enqueue \'{"id":"j2","command":"true"}\'');
    assert.equal((await shell.job("j2")).max_retries, 9);
    for (const name of ["jobs", "dlq"]) {
      await Deno.writeTextFile(`${shell.home}/${name}.json`, "[]");
    }
    assert.equal(JSON.parse(await shell.run("queuectl list --json")).total, 0);
    await shell.run('queuectl enqueue \'{"id":"j1","command":"true"}\'');
    await shell.run("queuectl reset", 2);
    await shell.run("queuectl reset --yes");
    assert.equal(JSON.parse(await Deno.readTextFile(`${shell.home}/jobs.json`)).length, 0);
  });
});

Deno.test("the whole record of the task that all five answer is accepted as it stands", async () => {
  await Shell.with(async (shell) => {
    const record = `{"id":"unique-job-id","command":"echo 'Hello World'","state":"pending",
      "attempts":0,"max_retries":3,"created_at":"2025-11-04T10:30:00Z",
      "updated_at":"2025-11-04T10:30:00Z"}`;
    await Deno.writeTextFile(`${shell.home}/record.json`, record);
    assert.equal(await shell.run(`queuectl enqueue "$(cat record.json)"`), "unique-job-id\n");
    await shell.run("queuectl worker start --drain");
    assert.equal(await shell.run("queuectl logs unique-job-id"), "Hello World\n");
  });
});
