/** Recurring jobs: what is enqueued again and again, and when. */
import { QueueError, unknownWord, usage } from "./errors.ts";
import { UNKNOWN_ZONE } from "./instant.ts";
import { isJobId, type NewJob } from "./job.ts";

/** What is done about occurrences that passed while no supervisor ran. */
export const MISSED_POLICIES = ["once", "skip", "all"] as const;
export type MissedPolicy = typeof MISSED_POLICIES[number];

/** What a person says of a schedule. */
export interface NewSchedule {
  readonly name: string;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** An IANA name such as `Europe/Berlin`. */
  readonly time_zone: string;
  readonly missed: MissedPolicy;
  /** What is enqueued, without an id. */
  readonly job: Omit<NewJob, "id" | "run_at" | "depends_on">;
}

export interface Schedule extends NewSchedule {
  readonly paused: boolean;
  /** The next occurrence, ISO 8601 in UTC; null if there is none any more. */
  readonly next_run: string | null;
}

/** An occurrence that is no older than this was not missed, only found a little late; in milliseconds. */
export const ON_TIME_MS = 60_000;

/** The most missed occurrences that are made up for in one transaction; the rest follow in the next. */
export const MOST_MISSED = 1_000;

const LONGEST_NAME = 80;

/** A name leaves room for the time in the ids of its jobs. */
export function checkScheduleName(name: string): string {
  if (isJobId(name) && name.length <= LONGEST_NAME) return name;
  throw usage(
    `'${name}' is no name of a schedule`,
    `1 to ${LONGEST_NAME} of A-Z a-z 0-9 . _ : - and no . or - at the beginning`,
  );
}

export function checkTimeZone(zone: string): string {
  if (zone === UNKNOWN_ZONE) throw usage("TZ names no time zone", "say --time-zone Europe/Berlin");
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    const known = Intl.supportedValuesOf("timeZone");
    const city = known.find((each) => each.toLowerCase().endsWith(`/${zone.toLowerCase()}`));
    if (city) throw usage(`unknown time zone '${zone}'`, `did you mean ${city}?`);
    throw unknownWord("time zone", zone, known, "a zone has a name such as Europe/Berlin");
  }
}

/** What to throw where there is no such schedule. */
export function noSchedule(name: string): QueueError {
  return new QueueError(
    "not_found",
    `no schedule '${name}'`,
    "`queuectl schedule list` shows them",
  );
}

/** A schedule as people see it: its own fields, and those of its jobs beside them. */
export function scheduleDocument({ job, ...schedule }: Schedule): Record<string, unknown> {
  return { ...schedule, ...job };
}

/**
 * A job of each of these schedules, besides its occurrences.
 *
 * @throws {QueueError} `not_found` if one of them is not known
 */
export function jobsNow(
  known: readonly Schedule[],
  names: readonly string[],
  makeId: () => string,
): readonly NewJob[] {
  return [...new Set(names)].map((name) => {
    const schedule = known.find((each) => each.name === name);
    if (!schedule) throw noSchedule(name);
    return { ...schedule.job, id: `${name}:${makeId()}` };
  });
}

/** True if an occurrence has come. */
export function isDue({ paused, next_run }: Schedule, now: number): boolean {
  return !paused && next_run !== null && Date.parse(next_run) <= now;
}

/** The id of the job of one occurrence: the same whoever enqueues it. */
export function occurrenceId(name: string, occurrence: string): string {
  return `${name}:${occurrence.replace(/[-:]|\.\d+/g, "")}`;
}
