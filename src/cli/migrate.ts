/**
 * `migrate`: moves a queue from one store to another.
 *
 * Promises:
 * - A job is gone from the old queue only when the new one has it: whoever is interrupted has lost
 *   nothing, and goes on by saying the same again.
 * - Nothing starts meanwhile, on either side, so no job runs on both.
 * - Of two moves on one machine the second is refused: what the first has moved, it would take for
 *   deleted.
 */
import type { ConfigKey } from "../model/config.ts";
import { QueueError, usage } from "../model/errors.ts";
import { isRunning, type Job, runsOf, STATES } from "../model/job.ts";
import { isStoreUrl, type Location, namedLocation } from "../model/location.ts";
import type { MoveHold, Queue } from "../model/queue.ts";
import type { Schedule } from "../model/schedule.ts";
import { lookUntil } from "./changes.ts";
import type { Context } from "./context.ts";
import { isDirectory } from "./directories.ts";
import { EXIT_SIGINT } from "./errors.ts";
import { printJson, printLine } from "./output.ts";
import { Progress } from "./progress.ts";
import { onStopSignals } from "./signals.ts";

export interface MigrateFlags {
  readonly "to"?: string;
  readonly "from"?: string;
  readonly "dry-run"?: boolean;
  readonly "json"?: boolean;
}

/** So many jobs are moved at a time. */
const BATCH = 500;

/** What is moved besides the jobs, and how many of them in which state. */
interface Inventory {
  readonly jobs: Readonly<Record<string, number>>;
  readonly settings: readonly string[];
  readonly schedules: readonly string[];
}

export default async function migrate(this: Context, flags: MigrateFlags): Promise<void> {
  const [from, to] = sidesOf(this, flags);
  await this.withQueueAt(from, (source) =>
    this.withQueueAt(to, async (target) => {
      const inventory = await takeStock(source);
      await check(source, target);
      if (!flags["dry-run"] && !await move(this, source, target)) return;
      const document = { ...inventory, from: source.name, to: target.name };
      if (flags.json) return printJson(this.stdout, document);
      tell(this, inventory, source, target, flags);
    }));
}

function sidesOf(context: Context, { to, from }: MigrateFlags): readonly [Location, Location] {
  const given = to ?? from;
  if (given === undefined || (to !== undefined && from !== undefined)) {
    throw usage(
      "either --to or --from is needed",
      "--to STORE moves this queue there, --from STORE fetches that one",
    );
  }
  if (given === "") throw usage(`${to === undefined ? "--from" : "--to"} is empty`);
  const other = namedLocation(given, context.location.directory, context.cwd);
  if (to === undefined && other.store === undefined && !isDirectory(other.directory)) {
    throw new QueueError("not_found", `there is no directory ${other.directory}`);
  }
  return to === undefined ? [other, context.location] : [context.location, other];
}

async function takeStock(source: Queue): Promise<Inventory> {
  const { counts } = await source.status();
  const { store: _here, ...stored } = (await source.config()).stored;
  return {
    jobs: Object.fromEntries(STATES.map((state) => [state, counts[state]])),
    settings: Object.keys(stored),
    schedules: (await source.schedules()).map(({ name }) => name),
  };
}

/** What a move would stumble over, before anything is changed. */
async function check(source: Queue, target: Queue): Promise<void> {
  if (await source.identity() === await target.identity()) {
    throw usage(`${source.name} and ${target.name} are one queue`);
  }
  await checkSchedules(source, target);
  const { jobs } = await source.list({});
  await target.takeOver(jobs.filter((job) => !isRunning(job)), { dryRun: true });
}

/** Of two schedules with one name only one could stay. */
async function checkSchedules(source: Queue, target: Queue): Promise<void> {
  const contentOf = ({ cron, time_zone, missed, job }: Schedule): string =>
    JSON.stringify([cron, time_zone, missed, job]);
  const there = new Map((await target.schedules()).map((each) => [each.name, contentOf(each)]));
  for (const schedule of await source.schedules()) {
    const other = there.get(schedule.name);
    if (other === undefined || other === contentOf(schedule)) continue;
    throw new QueueError(
      "conflict",
      `there is another schedule '${schedule.name}' in ${target.name}`,
      "remove one of the two",
    );
  }
}

/** @returns false if it was stopped */
async function move(context: Context, source: Queue, target: Queue): Promise<boolean> {
  const sides = await hold(source, target);
  let stopped = false;
  const signals = onStopSignals(() => stopped = true);
  try {
    for (const side of sides) await pauseSide(side);
    if (!await begin(context, source, sides, () => stopped)) return false;
    if (!await moveEverything(context, source, target, () => stopped)) return false;
    for (const side of sides) await resumeSide(side);
  } finally {
    signals.close();
    for (const { held } of sides) held.release();
  }
  for (const { name, status } of [source, target]) {
    if ((await status()).paused) context.warn(`${name} is paused: \`queuectl resume\` starts it`);
  }
  return true;
}

/** Waits until nothing runs; until then everything can be as it was. */
async function begin(
  context: Context,
  source: Queue,
  sides: readonly Side[],
  isStopped: () => boolean,
): Promise<boolean> {
  try {
    await untilNothingRuns(context, source, isStopped);
  } catch (error) {
    for (const side of sides) await resumeSide(side);
    throw error;
  }
  if (!isStopped()) return true;
  for (const side of sides) await resumeSide(side);
  return endedBySignal(context, "stopped: nothing was moved");
}

async function moveEverything(
  context: Context,
  source: Queue,
  target: Queue,
  isStopped: () => boolean,
): Promise<boolean> {
  const paused = `${source.name} and ${target.name} stay paused until the same command has ended`;
  try {
    await moveSettings(source, target);
    const progress = new Progress(context.stderr, "jobs");
    if (await moveAll(source, target, progress, isStopped)) return true;
  } catch (error) {
    context.warn(paused);
    throw error;
  }
  return endedBySignal(context, `stopped: not all of it was moved; ${paused}`);
}

function endedBySignal(context: Context, sentence: string): false {
  context.warn(sentence);
  context.exitWith(EXIT_SIGINT);
  return false;
}

/** A queue that jobs are moved from or to. */
interface Side {
  readonly queue: Queue;
  readonly held: MoveHold;
}

async function hold(source: Queue, target: Queue): Promise<readonly Side[]> {
  const held = await source.holdForMove();
  try {
    return [{ queue: source, held }, { queue: target, held: await target.holdForMove() }];
  } catch (error) {
    held.release();
    throw error;
  }
}

/** One that people have paused stays so. */
async function pauseSide({ queue, held }: Side): Promise<void> {
  if (await queue.setPaused(true) || held.hasPaused) held.notePaused(true);
}

async function resumeSide({ queue, held }: Side): Promise<void> {
  if (!held.hasPaused) return;
  await queue.setPaused(false);
  held.notePaused(false);
}

/** Moves what is there, and then what was enqueued meanwhile; false if it was stopped. */
async function moveAll(
  source: Queue,
  target: Queue,
  progress: Progress,
  isStopped: () => boolean,
): Promise<boolean> {
  for (;;) {
    const { jobs } = await source.list({});
    if (jobs.length === 0) {
      progress.end();
      return true;
    }
    // The oldest first: they come out in the order that they went in.
    const inOrder = jobs.toSorted((a, b) => a.seq - b.seq);
    for (let done = 0; done < inOrder.length; done += BATCH) {
      if (isStopped()) {
        progress.end();
        return false;
      }
      await moveJobs(source, target, inOrder.slice(done, done + BATCH));
      progress.show(done, inOrder.length);
    }
  }
}

async function untilNothingRuns(
  context: Context,
  source: Queue,
  isStopped: () => boolean,
): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    if (isStopped()) return true;
    const { counts, workers } = await source.status();
    if (counts.processing === 0 && workers.every(({ job }) => job === null)) return true;
    if (workers.some(({ alive }) => alive)) return undefined;
    throw new QueueError(
      "conflict",
      "jobs were running when their workers died",
      "`queuectl worker start --drain` gives them back to the queue; then move it",
    );
  };
  if (await lookUntil(source, look, 0)) return;
  context.warn("waiting for what runs to end; nothing new is started");
  await lookUntil(source, look, undefined);
}

async function moveSettings(source: Queue, target: Queue): Promise<void> {
  const { store: _here, ...stored } = (await source.config()).stored;
  for (const [key, value] of Object.entries(stored)) {
    await target.setConfig(key as ConfigKey, value);
  }
  const schedules = await source.schedules();
  for (const { paused, next_run, ...schedule } of schedules) {
    await target.addSchedule(schedule, { replace: true, next_run });
    if (paused) await target.pauseSchedules([schedule.name], true);
  }
  await source.removeSchedules(schedules.map(({ name }) => name));
}

async function moveJobs(source: Queue, target: Queue, jobs: readonly Job[]): Promise<void> {
  await target.takeOver(jobs, { dryRun: false });
  for (const job of jobs) {
    for (const { run } of runsOf(job)) {
      const found = await source.findLog(job.id, { run });
      if (found) await target.takeOverLog(job.id, run, found.log);
    }
  }
  const gone = new Set(await source.handOver(jobs));
  // Whoever has deleted them, or has moved them elsewhere, meanwhile has the last word.
  if (gone.size > 0) await target.handOver(jobs.filter(({ id }) => gone.has(id)));
}

function tell(
  { stdout, warn }: Context,
  { jobs, settings, schedules }: Inventory,
  source: Queue,
  target: Queue,
  { "dry-run": dryRun, to }: MigrateFlags,
): void {
  const total = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  const states = Object.entries(jobs).filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`).join(", ");
  const moved = `${count(total, "job")}${states === "" ? "" : ` (${states})`}, ` +
    `${count(settings.length, "setting")} and ${count(schedules.length, "schedule")}`;
  const verb = dryRun ? "would move" : "moved";
  printLine(stdout, `${verb} ${moved} from ${source.name} to ${target.name}`);
  if (dryRun || to === undefined) return;
  if (!isStoreUrl(target.name)) return warn(`from now on say --data-dir ${target.name}`);
  const once = `queuectl config set store ${target.name}`;
  warn(`from now on say --store ${target.name}, or \`${once}\` once`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
