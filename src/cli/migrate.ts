/** `migrate`: moves a queue from one store to another; what it would stumble over, it says before. */
import { QueueError, usage } from "../model/errors.ts";
import { isRunning, STATES } from "../model/job.ts";
import { isStoreUrl, type Location, namedLocation } from "../model/location.ts";
import type { Queue } from "../model/queue.ts";
import type { Schedule } from "../model/schedule.ts";
import type { Context } from "./context.ts";
import { isDirectory } from "./directories.ts";
import { move } from "./move.ts";
import { printJson, printLine } from "./output.ts";

export interface MigrateFlags {
  readonly "to"?: string;
  readonly "from"?: string;
  readonly "dry-run"?: boolean;
  readonly "json"?: boolean;
}

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
