/** What a long queue costs: with very many jobs that have ended, and some that wait. */
import { openQueue } from "../../src/open_queue.ts";
import type { Job } from "../../src/model/job.ts";
import type { Queue } from "../../src/model/queue.ts";
import { MAIN } from "../support/cli.ts";
import {
  type Directories,
  median,
  quantile,
  queuectl,
  ratioRow,
  type Row,
  timed,
  writeJobs,
} from "./measure.ts";

const NOW = "2026-01-01T00:00:00.000Z";
const LATER = "2099-01-01T00:00:00.000Z";

/** A record as workers leave it. */
function finished(seq: number): Partial<Job> {
  const run = {
    run: `r${seq}`,
    attempt: 1,
    worker: "worker-bench",
    started_at: NOW,
    finished_at: NOW,
  };
  return {
    id: `done-${seq}`,
    command: "true",
    state: "completed",
    attempts: 1,
    max_retries: 3,
    created_at: NOW,
    updated_at: NOW,
    seq,
    started_at: NOW,
    finished_at: NOW,
    exit_code: 0,
    history: [{ ...run, exit_code: 0 }],
  };
}

function waiting(seq: number): Partial<Job> {
  return { id: `later-${seq}`, command: "true", seq, run_at: LATER };
}

/** A queue of so many ended jobs and a tenth as many that wait for another day. */
async function fill(directories: Directories, count: number): Promise<string> {
  const directory = directories.fresh();
  const jobs = Array.from({ length: count }, (_, seq) => finished(seq + 1));
  const later = Array.from({ length: count / 10 }, (_, seq) => waiting(count + seq + 1));
  const lines = [...jobs, ...later].map((job) => JSON.stringify(job)).join(",\n");
  Deno.writeTextFileSync(`${directory}/jobs.json`, `[\n${lines}\n]\n`);
  Deno.writeTextFileSync(`${directory}/dlq.json`, "[]\n");
  await queuectl(directory, "pause");
  await queuectl(directory, "resume");
  await queuectl(directory, "checkpoint");
  return directory;
}

function open(directory: string): Promise<Queue> {
  return openQueue({ directory }, {
    clock: Date.now,
    random: Math.random,
    warn: () => {},
    purpose: "command",
  });
}

/** Drains jobs beside those that wait for another day, which keep `--drain` from ending. */
async function drainBeside(directory: string, count: number): Promise<number> {
  writeJobs(`${directory}/more.jsonl`, count);
  await queuectl(
    directory,
    "enqueue",
    "--file",
    `${directory}/more.jsonl`,
    "--tag",
    "bench",
    "--priority",
    "1",
  );
  const queue = await open(directory);
  try {
    const begun = performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", MAIN, "worker", "start", "--count", "2"],
      env: { QUEUECTL_HOME: directory },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const goal = (await queue.status()).counts.completed + count;
    while ((await queue.status()).counts.completed < goal) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const took = performance.now() - begun;
    child.kill("SIGTERM");
    await child.status;
    return took;
  } finally {
    await queue.close();
  }
}

async function drainRatio(directories: Directories, count: number, rounds: number): Promise<Row> {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const empty = await drainBeside(directories.fresh(), 2000);
    ratios.push(empty / await drainBeside(await fill(directories, count), 2000));
  }
  return ratioRow(
    `drain 2000 jobs beside ${count} ended ones, of the same without`,
    ratios,
    "at least 0.9",
  );
}

async function enqueueRatio(directories: Directories, count: number, rounds: number): Promise<Row> {
  const directory = await fill(directories, count);
  const empty = `${directory}/empty.ts`;
  Deno.writeTextFileSync(empty, "");
  const ratios: number[] = [];
  for (let round = 0; round < rounds * 3; round++) {
    const least = await timed(Deno.execPath(), ["run", "-A", "--quiet", empty]);
    ratios.push(await queuectl(directory, "enqueue", "--command", "true") / least);
  }
  return ratioRow(`enqueue beside ${count} jobs, of an empty deno program`, ratios, "at most 2");
}

async function extraTime(
  directories: Directories,
  count: number,
  rounds: number,
  ...command: string[]
): Promise<Row> {
  const few = directories.fresh();
  await queuectl(few, "enqueue", "--command", "true");
  const many = await fill(directories, count);
  const extra: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const least = await queuectl(few, ...command);
    extra.push(await queuectl(many, ...command) - least);
  }
  return {
    what: `${command.join(" ")} beside ${count} jobs, more than with none`,
    measured: `${median(extra).toFixed(0)} ms`,
    spread: `${Math.min(...extra).toFixed(0)}-${Math.max(...extra).toFixed(0)} ms`,
    target: "at most 250 ms",
  };
}

const SAME_DATA = `const [from, to] = Deno.args;
const jobs = Deno.readTextFileSync(from).trimEnd().split("\\n").map((line) => JSON.parse(line));
Deno.writeTextFileSync(to, jobs.map((job) => JSON.stringify(job)).join("\\n"));`;

async function bulk(directories: Directories, count: number, rounds: number): Promise<Row> {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const directory = directories.fresh();
    const file = `${directory}/jobs.jsonl`;
    const job = { max_retries: 2, priority: 1, tags: ["images"], cwd: "/tmp" };
    const lines = Array.from(
      { length: count },
      (_, i) =>
        JSON.stringify({
          id: `image-${i}`,
          command: `convert in/${i}.png -resize 50% out/${i}.png`,
          ...job,
        }),
    );
    Deno.writeTextFileSync(file, `${lines.join("\n")}\n`);
    Deno.writeTextFileSync(`${directory}/same.ts`, SAME_DATA);
    const least = await timed(Deno.execPath(), [
      "run",
      "-A",
      "--quiet",
      `${directory}/same.ts`,
      file,
      `${file}.copy`,
    ]);
    ratios.push(await queuectl(directory, "enqueue", "--file", file) / least);
  }
  return ratioRow(
    `enqueue ${count} jobs from a file, of parsing and writing the same`,
    ratios,
    "at most 4",
  );
}

/** From the start of four workers until the first job runs, and the memory that they take then. */
async function start(
  directories: Directories,
  count: number,
  rounds: number,
): Promise<readonly Row[]> {
  const times: number[] = [];
  const sizes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const directory = await fill(directories, count);
    const stamp = `${directory}/stamp`;
    await queuectl(
      directory,
      "enqueue",
      "--command",
      `date +%s%N > ${stamp}.tmp; mv ${stamp}.tmp ${stamp}`,
    );
    const begun = performance.timeOrigin + performance.now();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", MAIN, "worker", "start", "--count", "4"],
      env: { QUEUECTL_HOME: directory },
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      try {
        times.push(Number(Deno.readTextFileSync(stamp)) / 1e6 - begun);
        break;
      } catch {
        // It has not run yet.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
    sizes.push(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
    child.kill("SIGTERM");
    await child.status;
  }
  const range = (values: readonly number[], unit: string): string =>
    `${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)} ${unit}`;
  return [
    {
      what: `start of 4 workers beside ${count} jobs until the first job runs`,
      measured: `${median(times).toFixed(0)} ms`,
      spread: range(times, "ms"),
      target: "at most 1000 ms",
    },
    {
      what: `memory of 4 workers beside ${count} jobs`,
      measured: `${median(sizes).toFixed(0)} MB`,
      spread: range(sizes, "MB"),
      target: "at most 350 MB",
    },
  ];
}

/** How long others wait for the lock while workers drain and checkpoint beside very many jobs. */
async function lockHold(directories: Directories, count: number): Promise<Row> {
  const directory = await fill(directories, count);
  writeJobs(`${directory}/more.jsonl`, 3000);
  await queuectl(directory, "enqueue", "--file", `${directory}/more.jsonl`, "--priority", "1");
  await queuectl(directory, "worker", "start", "--count", "2", "--detach");
  const file = Deno.openSync(`${directory}/queue.lock`, { read: true, write: true });
  const waits: number[] = [];
  const end = performance.now() + 4000;
  while (performance.now() < end) {
    const begun = performance.now();
    file.lockSync(true);
    waits.push(performance.now() - begun);
    file.unlockSync();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  file.close();
  await queuectl(directory, "worker", "stop", "--force", "--wait");
  return {
    what: `longest wait for the lock while 2 workers drain beside ${count} jobs`,
    measured: `${Math.max(...waits).toFixed(1)} ms`,
    spread: `p99 ${quantile(waits, 0.99).toFixed(1)} ms`,
    target: "at most 50 ms",
  };
}

/** Every row about a long queue. */
export async function long(
  directories: Directories,
  count: number,
  rounds: number,
): Promise<readonly Row[]> {
  return [
    await drainRatio(directories, count, rounds),
    await enqueueRatio(directories, count, rounds),
    await bulk(directories, count, rounds),
    await extraTime(directories, count, rounds, "status"),
    await extraTime(directories, count, rounds, "list"),
    ...await start(directories, count, rounds),
    await lockHold(directories, count),
  ];
}

/** How the cost of each thing grows with the queue. */
export async function growth(
  directories: Directories,
  counts: readonly number[],
): Promise<[titles: readonly string[], rows: readonly (readonly string[])[]]> {
  const rows: string[][] = [];
  for (const count of counts) {
    const directory = await fill(directories, count);
    const size = Deno.statSync(`${directory}/jobs.json`).size / 2 ** 20;
    const once = async (...command: string[]): Promise<string> => {
      const times = [];
      for (let round = 0; round < 3; round++) times.push(await queuectl(directory, ...command));
      return `${median(times).toFixed(0)} ms`;
    };
    rows.push([
      count.toLocaleString("en"),
      `${size.toFixed(1)} MiB`,
      await once("enqueue", "--command", "true", "--delay", "1h"),
      await once("status"),
      await once("list"),
      await once("checkpoint"),
    ]);
  }
  return [["ENDED JOBS", "JOBS.JSON", "ENQUEUE", "STATUS", "LIST", "CHECKPOINT"], rows];
}
