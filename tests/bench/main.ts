/**
 * What the queue costs, against what the machine can do. Ratios come from pairs run in turn in this
 * one run; the table shows their median and range. A drain stands between two runs of its floor, so
 * that a machine that gets slower or faster meanwhile favours neither. On an ext4 without a journal
 * let six minutes pass after many files were deleted: until then it looks at each freed inode again
 * whenever a file is made, and every run makes one for its output, which the floor does not.
 *
 *     deno task bench            everything, several minutes
 *     deno task bench --quick    fewer and smaller runs, under a minute
 */
import { formatTable } from "../../src/cli/table.ts";
import { streamSink } from "../../src/cli/output.ts";
import { openQueue } from "../../src/open_queue.ts";
import { growth, long } from "./long_queue.ts";
import { peers } from "./peers.ts";
import { pickUp } from "./pick_up.ts";
import { servers } from "./servers.ts";
import {
  Directories,
  floor,
  median,
  quantile,
  queuectl,
  ratioRow,
  type Row,
  timed,
  writeJobs,
} from "./measure.ts";

const quick = Deno.args.includes("--quick");
const ROUNDS = quick ? 3 : 7;

/** A drain is over in a second, and a shared machine's seconds differ by half: so it takes many. */
const DRAINS = quick ? 3 : 15;
const directories = new Directories();

/** Draining jobs that do nothing, with output kept and every run recorded. */
async function drain(count: number, target: string): Promise<Row> {
  const ratios: number[] = [];
  for (let round = 0; round < DRAINS; round++) {
    const directory = directories.fresh();
    writeJobs(`${directory}/jobs.jsonl`, count);
    await queuectl(directory, "enqueue", "--file", `${directory}/jobs.jsonl`);
    const before = await floor(count);
    const took = await queuectl(directory, "worker", "start", "--count", "2", "--drain");
    const after = await floor(count);
    ratios.push((before + after) / 2 / took);
  }
  return ratioRow(`drain ${count} jobs, 2 workers, of the floor`, ratios, target);
}

/** One whole `enqueue` process against an empty program. */
async function enqueueProcess(): Promise<Row> {
  const directory = directories.fresh();
  const empty = `${directory}/empty.ts`;
  Deno.writeTextFileSync(empty, "");
  const bare = (): Promise<number> => timed(Deno.execPath(), ["run", "-A", "--quiet", empty]);
  const ratios: number[] = [];
  await queuectl(directory, "enqueue", "--command", "true");
  await bare();
  for (let round = 0; round < ROUNDS * 3; round++) {
    const least = await bare();
    ratios.push(await queuectl(directory, "enqueue", "--command", "true") / least);
  }
  return ratioRow("enqueue, of an empty deno program", ratios, "at most 1.5");
}

/** The queue's own part of a run: claim and settle, nothing executed. */
async function claimAndSettle(finished: number): Promise<Row> {
  const directory = directories.fresh();
  const environment = {
    clock: Date.now,
    random: Math.random,
    warn: (sentence: string): void => {
      throw new Error(sentence);
    },
    purpose: "command" as const,
  };
  const queue = await openQueue({ directory }, environment);
  const pairs = 2000;
  const jobs = Array.from({ length: finished }, () => ({ command: "true" }));
  if (jobs.length > 0) await queue.enqueue(jobs, { ifAbsent: false });
  await queue.checkpoint("wait");
  await queue.enqueue(Array.from({ length: pairs }, () => ({ command: "true", priority: 1 })), {
    ifAbsent: false,
  });
  const seat = await queue.join("bench");
  const times: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const begun = performance.now();
    const claim = await seat.claim();
    if (claim.kind !== "job") throw new Error("nothing to claim");
    await seat.settle(
      { id: claim.job.id, run: claim.job.run! },
      { kind: "exited", exit_code: 0 },
      false,
    );
    times.push((performance.now() - begun) * 1000);
  }
  await seat.leave();
  await queue.close();
  return {
    what: `claim and settle with ${finished} other jobs`,
    measured: `${median(times).toFixed(0)} µs`,
    spread: `p95 ${quantile(times, 0.95).toFixed(0)} µs`,
    target: "at most 100 µs",
  };
}

/** From the id on disk to the command running, with two idle workers. */
async function wakeUp(): Promise<Row> {
  const { p50, p99 } = await pickUp({ directory: directories.fresh() }, ROUNDS * 10);
  return {
    what: "from the acknowledged id to the running command, 2 idle workers",
    measured: `p50 ${p50.toFixed(1)} ms`,
    spread: `p99 ${p99.toFixed(1)} ms`,
    target: "p50 5 ms, p99 25 ms",
  };
}

/** Processor time of workers that have nothing to do. */
async function idle(): Promise<Row> {
  const directory = directories.fresh();
  await queuectl(directory, "worker", "start", "--count", "8", "--detach");
  try {
    const [file] = Deno.readDirSync(`${directory}/workers`).filter(({ name }) =>
      name.endsWith(".json")
    );
    const { pid } = JSON.parse(Deno.readTextFileSync(`${directory}/workers/${file!.name}`));
    const seconds = quick ? 5 : 20;
    // By then a supervisor has loaded what it may need later: that it does once.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    const before = processorSeconds(pid);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const share = (processorSeconds(pid) - before) / seconds;
    return {
      what: "processor time of 8 idle workers",
      measured: `${(share * 100).toFixed(2)} %`,
      spread: `over ${seconds} s`,
      target: "under 0.2 %",
    };
  } finally {
    await queuectl(directory, "worker", "stop", "--wait");
  }
}

/** User and system time of a process so far, in seconds (proc(5): fields 14 and 15, in ticks of 10 ms). */
function processorSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const stdout = streamSink(Deno.stdout);

async function print(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const text = await formatTable(
    { stdout, stderr: stdout, colours: false },
    titles.map((title) => ({ title })),
    rows.map((row) => row.map((text) => ({ text }))),
  );
  stdout.write(`${text}\n`);
}

try {
  const rows: Row[] = [];
  rows.push(await enqueueProcess());
  rows.push(await drain(1000, "at least 0.7"));
  if (!quick) rows.push(await drain(2000, "at least 0.9"));
  rows.push(await claimAndSettle(0));
  rows.push(await claimAndSettle(quick ? 10_000 : 100_000));
  rows.push(await wakeUp());
  rows.push(await idle());
  rows.push(...await long(directories, quick ? 10_000 : 100_000, quick ? 1 : 5));
  await print(
    ["WHAT", "MEASURED", "RANGE", "TARGET"],
    rows.map(({ what, measured, spread, target }) => [what, measured, spread, target]),
  );
  stdout.write("\n");
  await print(
    ...await growth(directories, quick ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000]),
  );
  const [titles, stores] = await servers(directories, quick ? 200 : 1000, quick ? 1 : 5);
  if (stores.length > 0) {
    stdout.write("\n");
    await print(titles, stores);
  }
  const others = await peers(quick ? 200 : 900, quick ? 1 : 3);
  if (others.length > 0) {
    stdout.write("\n");
    await print(["PEER", "DRAIN, OF THE FLOOR"], others);
  }
} finally {
  directories.remove();
}
