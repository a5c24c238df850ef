import { usage } from "../model/errors.ts";
import { checkCommand } from "../model/fields.ts";
import { idMaker } from "../model/job.ts";
import {
  checkScheduleName,
  checkTimeZone,
  jobsNow,
  type MissedPolicy,
  type Schedule,
  scheduleDocument,
} from "../model/schedule.ts";
import { commandOfWords } from "./command_words.ts";
import type { Context } from "./context.ts";
import { printEnqueued } from "./enqueue.ts";
import { relativeTime } from "./job_cells.ts";
import { localTime } from "./local_time.ts";
import { warnIfNothingMoves } from "./nothing_moves.ts";
import { readWorkFlags, type WorkFlags } from "./job_flags.ts";
import { printJson, printLine } from "./output.ts";
import { printTable } from "./print_table.ts";

export interface ScheduleAddFlags extends WorkFlags {
  readonly "cron"?: string;
  readonly "time-zone"?: string;
  readonly "missed"?: MissedPolicy;
  readonly "replace"?: boolean;
}

/** `schedule add`: a job again and again; prints its name and when it comes first. */
export async function scheduleAdd(
  this: Context,
  flags: ScheduleAddFlags,
  name: string,
): Promise<void> {
  if (flags.cron === undefined) {
    throw usage("a schedule needs --cron", `as in --cron "0 3 * * *" for every night at three`);
  }
  const schedule = {
    name: checkScheduleName(name),
    cron: flags.cron,
    time_zone: checkTimeZone(flags["time-zone"] ?? this.timeZone()),
    missed: flags.missed ?? "once",
    job: { cwd: this.cwd(), ...readWorkFlags(this, flags), command: commandOf(this, flags) },
  };
  await this.withQueue(async (queue) => {
    const added = await queue.addSchedule(schedule, { replace: flags.replace ?? false });
    printLine(this.stdout, describeNext(added));
    if (this.stdout.isTerminal) await warnIfNothingMoves(this, queue);
  });
}

function commandOf(context: Context, { command }: WorkFlags): string {
  const { afterDashes } = context;
  if ((command === undefined) === (afterDashes === undefined)) {
    throw usage("a schedule needs one command", "give it with --command, or as words behind --");
  }
  return afterDashes ? commandOfWords(context, afterDashes, "scheduled") : checkCommand(command);
}

export interface ScheduleListFlags {
  readonly "json"?: boolean;
}

/** `schedule list`: what comes when. */
export async function scheduleList(this: Context, flags: ScheduleListFlags): Promise<void> {
  const schedules = await this.withQueue(async (queue) => {
    const all = await queue.schedules();
    const isWaiting = all.some(({ paused }) => !paused);
    if (isWaiting && this.stdout.isTerminal) await warnIfNothingMoves(this, queue);
    return all;
  });
  if (flags.json) return printJson(this.stdout, { schedules: schedules.map(scheduleDocument) });
  if (schedules.length === 0) return this.warn("there is no schedule");
  const now = this.clock();
  await printTable(
    this,
    [
      { title: "NAME" },
      { title: "CRON" },
      { title: "TIME ZONE" },
      { title: "NEXT RUN" },
      { title: "COMMAND" },
    ],
    schedules.map((schedule) => [
      { text: schedule.name },
      { text: schedule.cron },
      { text: schedule.time_zone },
      nextCell(schedule, now),
      { text: schedule.job.command },
    ]),
  );
}

function nextCell({ paused, next_run }: Schedule, now: number): {
  readonly text: string;
  readonly colour?: "yellow";
} {
  if (paused) return { text: "paused", colour: "yellow" };
  return { text: next_run === null ? "never" : relativeTime(next_run, now) };
}

/** `schedule run`: a job of each now, besides its occurrences; prints their ids. */
export async function scheduleRun(
  this: Context,
  _flags: Record<never, never>,
  ...names: string[]
): Promise<void> {
  const makeId = idMaker(this.clock, this.random);
  const enqueued = await this.withQueue(async (queue) => {
    const jobs = jobsNow(await queue.schedules(), names, makeId);
    return await queue.enqueue(jobs, { ifAbsent: false });
  });
  printEnqueued(this, enqueued);
}

/** `schedule remove`. */
export async function scheduleRemove(
  this: Context,
  _flags: Record<never, never>,
  ...names: string[]
): Promise<void> {
  const gone = await this.withQueue((queue) => queue.removeSchedules(names));
  for (const { name } of gone) printLine(this.stdout, name);
}

/** `schedule pause`. */
export async function schedulePause(
  this: Context,
  _flags: Record<never, never>,
  ...names: string[]
): Promise<void> {
  const paused = await this.withQueue((queue) => queue.pauseSchedules(names, true));
  for (const { name } of paused) printLine(this.stdout, name);
}

/** `schedule resume`: prints when each comes next. */
export async function scheduleResume(
  this: Context,
  _flags: Record<never, never>,
  ...names: string[]
): Promise<void> {
  const resumed = await this.withQueue((queue) => queue.pauseSchedules(names, false));
  for (const schedule of resumed) printLine(this.stdout, describeNext(schedule));
}

function describeNext({ name, next_run, time_zone }: Schedule): string {
  if (next_run === null) return `${name} never again`;
  return `${name} next at ${localTime(next_run, time_zone)} ${time_zone}`;
}
