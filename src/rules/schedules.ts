/**
 * Recurring jobs.
 *
 * Promises:
 * - Each occurrence is enqueued once, however many supervisors look: the job and the schedule's next
 *   occurrence are written in one transaction.
 */
import { Cron } from "croner";
import { QueueError, usage } from "../model/errors.ts";
import { newRecord } from "../model/job.ts";
import type { AddScheduleOptions } from "../model/queue.ts";
import {
  isDue,
  MOST_MISSED,
  type NewSchedule,
  noSchedule,
  occurrenceId,
  ON_TIME_MS,
  type Schedule,
} from "../model/schedule.ts";
import type { QueueEvent, Records } from "./records.ts";
import type { Change, View } from "./change.ts";

/** Fields, or a nickname such as `@daily`; the library would take a single date as well. */
const PATTERN = /^(@\w+|\S+(\s+\S+){4,5})$/;

/**
 * The first occurrence after a time, as ISO 8601 in UTC; null if there is none.
 *
 * @param after milliseconds since 1970
 * @throws {QueueError} `usage` if the pattern cannot be understood
 */
function nextOccurrence(cron: string, timeZone: string, after: number): string | null {
  try {
    if (!PATTERN.test(cron.trim())) throw new TypeError("five fields, or six with seconds first");
    return pattern(cron, timeZone).nextRun(new Date(after))?.toISOString() ?? null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : "";
    throw usage(
      `'${cron}' is no cron pattern: ${reason}`,
      `minute hour day month weekday, as in "*/5 * * * *" or "0 3 * * MON-FRI"`,
    );
  }
}

function pattern(cron: string, timeZone: string): Cron {
  return new Cron(cron, { timezone: timeZone, mode: "5-or-6-parts" });
}

/** The pure change: a new schedule, or another one in the place of one with its name. */
export function addSchedule(
  view: View,
  given: NewSchedule,
  options: AddScheduleOptions,
): Change<Schedule> {
  const before = view.records.schedules.get(given.name);
  if (before && !options.replace) {
    throw new QueueError(
      "conflict",
      `there is a schedule '${given.name}' already`,
      "--replace changes it",
    );
  }
  const next_run = options.next_run === undefined ? firstOccurrence(given, view) : options.next_run;
  const schedule: Schedule = { ...given, paused: before?.paused ?? false, next_run };
  return { events: [{ schedule }], result: schedule };
}

function firstOccurrence({ cron, time_zone }: NewSchedule, { now }: View): string {
  const next = nextOccurrence(cron, time_zone, Date.parse(now));
  if (next === null) throw usage(`'${cron}' never comes`);
  return next;
}

/** The pure change: schedules are gone; what they have enqueued stays. All or none. */
export function removeSchedules(view: View, names: readonly string[]): Change<readonly Schedule[]> {
  const found = [...new Set(names)].map((name) => findSchedule(view, name));
  return { events: found.map(({ name }) => ({ unschedule: name })), result: found };
}

/** The pure change: nothing is enqueued while paused; when it is resumed, nothing was missed. */
export function pauseSchedules(
  view: View,
  names: readonly string[],
  paused: boolean,
): Change<readonly Schedule[]> {
  const changed = [...new Set(names)].map((name): Schedule => {
    const schedule = findSchedule(view, name);
    if (schedule.paused === paused) return schedule;
    const next_run = nextOccurrence(schedule.cron, schedule.time_zone, Date.parse(view.now));
    return { ...schedule, paused, next_run };
  });
  return { events: changed.map((schedule) => ({ schedule })), result: changed };
}

function findSchedule({ records }: View, name: string): Schedule {
  const schedule = records.schedules.get(name);
  if (schedule) return schedule;
  throw noSchedule(name);
}

/**
 * The ids that the jobs get whose occurrences have come.
 *
 * @param now milliseconds since 1970
 */
export function idsOfDue({ schedules }: Records, now: number): readonly string[] {
  return dueAt(schedules, now).flatMap((schedule) =>
    occurrencesUntil(schedule, now).occurrences.map((each) => occurrenceId(schedule.name, each))
  );
}

function dueAt(schedules: Records["schedules"], now: number): readonly Schedule[] {
  return [...schedules.values()].filter((schedule) => isDue(schedule, now));
}

/** A clock that was wrong by less is not worth a look, in milliseconds. */
const FAR_AHEAD_MS = 3_600_000;

/**
 * These schedules, where the next occurrence was found by a clock that was far ahead: it would be
 * waited for as long as that was.
 *
 * @param now milliseconds since 1970
 */
export function broughtBack(schedules: Iterable<Schedule>, now: number): readonly Schedule[] {
  return [...schedules].flatMap((schedule) => {
    const { cron, time_zone, paused, next_run } = schedule;
    if (paused || next_run === null || Date.parse(next_run) <= now + FAR_AHEAD_MS) return [];
    const next = nextOccurrence(cron, time_zone, now);
    const isAhead = next !== null && Date.parse(next_run) > Date.parse(next) + FAR_AHEAD_MS;
    return isAhead ? [{ ...schedule, next_run: next }] : [];
  });
}

/**
 * The pure change: enqueues the jobs of the occurrences that have come.
 *
 * @returns the ids of the new jobs
 */
export function fireSchedules(view: View): Change<readonly string[]> {
  const { records, config } = view;
  const now = Date.parse(view.now);
  const moved: QueueEvent[] = broughtBack(records.schedules.values(), now)
    .map((schedule) => ({ schedule }));
  const jobs = dueAt(records.schedules, now).flatMap((schedule) => {
    const { occurrences, next_run } = occurrencesUntil(schedule, now);
    moved.push({ schedule: { ...schedule, next_run } });
    return occurrences.map((occurrence) => ({
      ...schedule.job,
      id: occurrenceId(schedule.name, occurrence),
    }));
  });
  const fresh = jobs.filter(({ id }) => !records.get(id)).map((job, index) =>
    newRecord(job, {
      id: job.id,
      seq: view.next + index,
      now: view.now,
      maxRetries: config.max_retries,
    })
  );
  return {
    events: [...fresh.map((job) => ({ put: job })), ...moved],
    result: fresh.map(({ id }) => id),
  };
}

/**
 * The occurrences that get a job now, and the first that does not. Those of the last minute all do;
 * about those before them the policy decides.
 */
function occurrencesUntil(
  { cron, time_zone, missed, next_run }: Schedule,
  now: number,
): { readonly occurrences: readonly string[]; readonly next_run: string | null } {
  const onTime = now - ON_TIME_MS;
  const occurrences: string[] = [];
  let next = next_run;
  if (missed !== "all" && next !== null && Date.parse(next) < onTime) {
    if (missed === "once") {
      const [last] = pattern(cron, time_zone).previousRuns(1, new Date(onTime));
      occurrences.push(last && last.getTime() > Date.parse(next) ? last.toISOString() : next);
    }
    next = nextOccurrence(cron, time_zone, onTime - 1);
  }
  while (next !== null && Date.parse(next) <= now && occurrences.length < MOST_MISSED) {
    occurrences.push(next);
    next = nextOccurrence(cron, time_zone, Date.parse(next));
  }
  return { occurrences, next_run: next };
}
