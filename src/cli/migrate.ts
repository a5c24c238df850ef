/**
 * `migrate`: moves a queue from one store to another.
 *
 * Promises:
 * - A job is gone from the old queue only when the new one has it: whoever is interrupted has lost
 *   nothing, and goes on by saying the same again.
 * - Nothing starts meanwhile, on either side, so no job runs on both.
 */
import type { ConfigKey } from "../model/config.ts";
import { QueueError, usage } from "../model/errors.ts";
import { type Job, runsOf, STATES } from "../model/job.ts";
import { describeLocation, isStoreUrl, type Location, parseStore } from "../model/location.ts";
import type { Queue } from "../model/queue.ts";
import { lookUntil } from "./changes.ts";
import type { Context } from "./context.ts";
import { printJson, printLine } from "./output.ts";
import { Progress } from "./progress.ts";

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
      if (flags["dry-run"]) await refuseClashes(source, target);
      else await move(this, source, target);
      if (flags.json) {
        return printJson(this.stdout, { ...inventory, from: source.name, to: target.name });
      }
      tell(this, inventory, source, target, flags["dry-run"] ?? false);
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
  const other = otherSide(context, given);
  const sides: readonly [Location, Location] = to === undefined
    ? [other, context.location]
    : [context.location, other];
  if (describeLocation(sides[0]) === describeLocation(sides[1])) {
    throw usage(`the queue is in ${describeLocation(other)} already`);
  }
  return sides;
}

/** A URL, or a directory. */
function otherSide({ location, cwd }: Context, given: string): Location {
  if (!isStoreUrl(given)) {
    return { directory: given.startsWith("/") ? given : `${cwd()}/${given}` };
  }
  parseStore(given);
  return { directory: location.directory, store: given };
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

/** What a move would stumble over. */
async function refuseClashes(source: Queue, target: Queue): Promise<void> {
  const there = new Map((await target.list({})).jobs.map((job) => [job.id, job]));
  const clash = (await source.list({})).jobs.find((job) => {
    const other = there.get(job.id);
    return other && (other.created_at !== job.created_at || other.command !== job.command);
  });
  if (clash) {
    throw new QueueError(
      "conflict",
      `there is another job '${clash.id}' in ${target.name} already`,
    );
  }
}

async function move(context: Context, source: Queue, target: Queue): Promise<void> {
  const wasPaused = !await source.setPaused(true);
  const targetWasPaused = !await target.setPaused(true);
  await untilNothingRuns(context, source);
  await moveSettings(source, target);
  await moveAll(source, target, new Progress(context.stderr, "jobs"));
  if (!wasPaused) await source.setPaused(false);
  if (!wasPaused && !targetWasPaused) await target.setPaused(false);
  else context.warn(`${target.name} is paused, as it was before: \`queuectl resume\` starts it`);
}

/** Moves what is there, and then what was enqueued meanwhile. */
async function moveAll(source: Queue, target: Queue, progress: Progress): Promise<void> {
  for (;;) {
    const { jobs } = await source.list({});
    if (jobs.length === 0) return progress.end();
    // The oldest first: they come out in the order that they went in.
    const inOrder = jobs.toSorted((a, b) => a.seq - b.seq);
    for (let done = 0; done < inOrder.length; done += BATCH) {
      await moveJobs(source, target, inOrder.slice(done, done + BATCH));
      progress.show(done, inOrder.length);
    }
  }
}

async function untilNothingRuns(context: Context, source: Queue): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const { counts, workers } = await source.status();
    const runs = counts.processing > 0 || workers.some(({ job }) => job !== null);
    return runs ? undefined : true;
  };
  if (await lookUntil(source, look, 0)) return;
  const { workers } = await source.status();
  if (!workers.some(({ alive }) => alive)) {
    throw new QueueError(
      "conflict",
      "jobs were running when their workers died",
      "`queuectl worker start --drain` gives them back to the queue; then move it",
    );
  }
  context.warn("waiting for what runs to end; nothing new is started");
  await lookUntil(source, look, undefined);
}

async function moveSettings(source: Queue, target: Queue): Promise<void> {
  const { store: _here, ...stored } = (await source.config()).stored;
  for (const [key, value] of Object.entries(stored)) {
    await target.setConfig(key as ConfigKey, value);
  }
  const schedules = await source.schedules();
  for (const { paused, next_run: _anew, ...schedule } of schedules) {
    await target.addSchedule(schedule, { replace: true });
    if (paused) await target.pauseSchedules([schedule.name], true);
  }
  await source.removeSchedules(schedules.map(({ name }) => name));
}

async function moveJobs(source: Queue, target: Queue, jobs: readonly Job[]): Promise<void> {
  await target.takeOver(jobs);
  for (const job of jobs) {
    for (const { run } of runsOf(job)) {
      const found = await source.findLog(job.id, { run });
      if (found) await target.takeOverLog(job.id, run, found.log);
    }
  }
  await source.handOver(jobs.map(({ id }) => id));
}

function tell(
  { stdout, warn }: Context,
  { jobs, settings, schedules }: Inventory,
  source: Queue,
  target: Queue,
  dryRun: boolean,
): void {
  const total = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  const states = Object.entries(jobs).filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`).join(", ");
  const moved = `${count(total, "job")}${states === "" ? "" : ` (${states})`}, ` +
    `${count(settings.length, "setting")} and ${count(schedules.length, "schedule")}`;
  const verb = dryRun ? "would move" : "moved";
  printLine(stdout, `${verb} ${moved} from ${source.name} to ${target.name}`);
  if (dryRun) return;
  const flag = isStoreUrl(target.name) ? "--store" : "--data-dir";
  warn(`from now on say ${flag} ${target.name}, or \`queuectl config set store\` once`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
