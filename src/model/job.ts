/** Every state of a job. `dead` means: in the dead letter queue. */
export const STATES = [
  "pending",
  "processing",
  "completed",
  "failed",
  "dead",
  "cancelled",
] as const;

export type State = typeof STATES[number];

/** How many runs a job keeps in its history: the last ones. */
export const MAX_HISTORY = 100;

/** How one run of a job ended. */
export interface HistoryEntry {
  readonly run: string;
  readonly attempt: number;
  readonly worker: string;
  readonly started_at: string;
  readonly finished_at: string;
  /** Seconds between when the run could have started and when it did. */
  readonly waited_seconds?: number;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly error?: string;
}

/**
 * The record of a job, as it stands in the files. Times are ISO 8601 in UTC, durations are seconds,
 * and an optional field is absent when it is unset.
 *
 * Who changes what: `enqueue` and `edit` the fields of {@link NewJob}; `claim` sets `attempts`,
 * `started_at`, `worker`, `run`, `lease_expires_at`, `waited_seconds`, and takes away what was left of
 * the run before; `settle` removes the last four, and sets `finished_at`, `exit_code`, `error`,
 * `run_at` (of a retry) and `history`. What `cancel` and `retry` do, and the end of a dependency,
 * stands in `transitions.ts`.
 */
export interface Job {
  readonly id: string;
  readonly command: string;
  readonly state: State;
  /** Runs started. */
  readonly attempts: number;
  /** Runs after the first that a failing job gets: at most `1 + max_retries` runs in all. */
  readonly max_retries: number;
  readonly created_at: string;
  readonly updated_at: string;
  /** Order of arrival; first in, first out goes by this number. */
  readonly seq: number;
  /** Higher first; 0 when absent. */
  readonly priority?: number;
  /** Not before this time: given at enqueue, or set by the backoff of a failed job. */
  readonly run_at?: string;
  /** Seconds a run may take; 0 for no limit; when absent, the setting `job_timeout_seconds`. */
  readonly timeout_seconds?: number;
  readonly depends_on?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly started_at?: string;
  readonly finished_at?: string;
  readonly exit_code?: number;
  readonly error?: string;
  readonly worker?: string;
  readonly run?: string;
  readonly lease_expires_at?: string;
  /** Of the run that goes on: seconds between when it could have started and when it did. */
  readonly waited_seconds?: number;
  readonly history?: readonly HistoryEntry[];
}

/** What a person may say of a job when it is enqueued. */
export interface NewJob {
  readonly id?: string;
  readonly command: string;
  readonly max_retries?: number;
  readonly priority?: number;
  readonly run_at?: string;
  readonly timeout_seconds?: number;
  readonly depends_on?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** True for a job that will not run again by itself. */
export function isEnded(state: State): boolean {
  return state === "completed" || isLost(state);
}

/** The states of jobs that have not ended. */
export const UNFINISHED_STATES: readonly State[] = STATES.filter((state) => !isEnded(state));

/** True for a job that ended otherwise than completed: what depends on it can never run. */
export function isLost(state: State): boolean {
  return state === "dead" || state === "cancelled";
}

/** True while a run of the job goes on: also after a cancel, until the last of its processes has ended. */
export function isRunning(job: Job): boolean {
  return job.state === "processing" || (job.state === "cancelled" && job.run !== undefined);
}

/** True for a job that waits for its turn, its time or its dependencies. */
export function isWaiting(state: State): boolean {
  return state === "pending" || state === "failed";
}

/** A run of a job, the one that goes on or one that has ended. */
export interface Run {
  readonly run: string;
  readonly attempt: number;
}

/** Every run of a job that has left a trace in its record, the one that goes on too, in order. */
export function runsOf(job: Job): readonly Run[] {
  const ended = (job.history ?? []).map(({ run, attempt }) => ({ run, attempt }));
  const current = job.run !== undefined && !ended.some(({ run }) => run === job.run);
  return current ? [...ended, { run: job.run, attempt: job.attempts }] : ended;
}

/** True if a job has all of these tags. */
export function hasTags(job: Job, tags: readonly string[]): boolean {
  return tags.every((tag) => job.tags?.includes(tag));
}

const ID = /^[A-Za-z0-9_:][A-Za-z0-9._:-]{0,127}$/;

/** True for 1 to 128 characters of `A-Z a-z 0-9 . _ : -` that do not start with `.` or `-`. */
export function isJobId(id: string): boolean {
  return ID.test(id);
}

const DIGITS = 36;
const TIME_LENGTH = 8;
const RANDOM_LENGTH = 8;

/**
 * Makes ids that sort by the time they were made: eight base-36 digits of the clock's
 * milliseconds, then eight that are random and, within one millisecond, counted up. So one
 * process never makes the same id twice, and two processes would have to draw the same of
 * 2.8 million million numbers in the same millisecond.
 *
 * @param clock milliseconds since 1970
 * @param random a number from 0 to 1, as `Math.random`
 */
export function idMaker(clock: () => number, random: () => number): () => string {
  const space = DIGITS ** RANDOM_LENGTH;
  let lastTime = -1;
  let tail = 0;
  return () => {
    const time = Math.max(clock(), lastTime);
    tail = time === lastTime ? (tail + 1) % space : Math.floor(random() * space);
    lastTime = time;
    return time.toString(DIGITS).padStart(TIME_LENGTH, "0") +
      tail.toString(DIGITS).padStart(RANDOM_LENGTH, "0");
  };
}

/** The record of a job that was just enqueued. */
export function newRecord(
  job: NewJob,
  made: { id: string; seq: number; now: string; maxRetries: number },
): Job {
  return {
    id: made.id,
    command: job.command,
    state: "pending",
    attempts: 0,
    max_retries: job.max_retries ?? made.maxRetries,
    created_at: made.now,
    updated_at: made.now,
    seq: made.seq,
    ...(job.priority ? { priority: job.priority } : {}),
    ...(job.run_at === undefined ? {} : { run_at: job.run_at }),
    ...(job.timeout_seconds === undefined ? {} : { timeout_seconds: job.timeout_seconds }),
    ...(job.depends_on?.length ? { depends_on: job.depends_on } : {}),
    ...(job.cwd === undefined ? {} : { cwd: job.cwd }),
    ...(job.env && Object.keys(job.env).length > 0 ? { env: job.env } : {}),
    ...(job.tags?.length ? { tags: job.tags } : {}),
  };
}
