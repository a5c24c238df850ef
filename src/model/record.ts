/** A job's record as it stands in a file that a hand may have written. */
import { usage } from "./errors.ts";
import { CHECKS, checkState, seconds, shown, text, wholeNumber } from "./fields.ts";
import { parseInstant } from "./instant.ts";
import type { HistoryEntry, Job } from "./job.ts";
import { RUN_FIELDS } from "./job_change.ts";

/** What a record gets for what a hand left out. */
export interface RecordDefaults {
  readonly seq: number;
  readonly now: string;
  readonly maxRetries: number;
}

/** Reads a field under its name. */
type Check = (name: string, value: unknown) => unknown;

function setByPeople(name: Exclude<keyof typeof CHECKS, "run_at">): Check {
  return (_name, value) => CHECKS[name](value);
}

/** Numbers go on from the highest that there is, and must stay exact. */
const LAST_SEQ = 2 ** 52;

/** The check of each field, in the order in which records are written. */
const RECORD_CHECKS: Readonly<Record<keyof Job, Check>> = {
  id: setByPeople("id"),
  command: setByPeople("command"),
  state: (_name, value) => checkState(value),
  attempts: count,
  max_retries: setByPeople("max_retries"),
  created_at: instant,
  updated_at: instant,
  seq: (name, value) => wholeNumber(name, value, 0, LAST_SEQ),
  priority: setByPeople("priority"),
  run_at: instant,
  timeout_seconds: setByPeople("timeout_seconds"),
  depends_on: setByPeople("depends_on"),
  cwd: setByPeople("cwd"),
  env: setByPeople("env"),
  tags: setByPeople("tags"),
  started_at: instant,
  finished_at: instant,
  exit_code: exitCode,
  error: text,
  worker: name,
  run: name,
  lease_expires_at: instant,
  waited_seconds: seconds,
  history: (_name, value) => history(value),
};

/**
 * Reads a record: what is missing or null gets its default, what is there must be right.
 *
 * @throws {QueueError} `usage` naming the field
 */
export function parseRecord(value: unknown, defaults: RecordDefaults): Job {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usage(`a job must be a JSON object, not ${shown(value)}`);
  }
  const given: Readonly<Record<string, unknown>> = withoutNulls(value);
  if (!("id" in given)) throw usage("a job has no id");
  if (!("command" in given)) throw usage(`job ${shown(given.id)} has no command`);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(RECORD_CHECKS, name));
  if (unknown !== undefined) {
    throw usage(`job ${shown(given.id)} has an unknown field '${unknown}'`);
  }
  const whole: Readonly<Record<string, unknown>> = {
    state: "pending",
    attempts: 0,
    max_retries: defaults.maxRetries,
    created_at: defaults.now,
    updated_at: defaults.now,
    seq: defaults.seq,
    ...given,
  };
  // What belongs to a run says nothing of a job that has none.
  const isRunning = whole.state === "processing" || whole.state === "cancelled";
  const checked = Object.entries(RECORD_CHECKS).filter(([name]) => name in whole)
    .filter(([name]) => isRunning || !RUN_FIELDS.some((field) => field === name))
    .map(([name, check]) => [name, check(name, whole[name])]);
  return Object.fromEntries(checked);
}

function withoutNulls(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

/** What files are named by, so that none can be named elsewhere. */
function name(what: string, value: unknown): string {
  if (/^[A-Za-z0-9_-]{0,100}$/.test(text(what, value))) return value as string;
  throw usage(`${what} must be a name of letters, digits, _ and -, not ${shown(value)}`);
}

function count(name: string, value: unknown): number {
  return wholeNumber(name, value, 0, Number.MAX_SAFE_INTEGER);
}

/** In files no time is local: who reads them may be elsewhere. */
function instant(name: string, value: unknown): string {
  try {
    return parseInstant(value as string | number, name, "UTC");
  } catch {
    throw usage(`${name} must be an ISO 8601 time, not ${shown(value)}`);
  }
}

function history(value: unknown): readonly HistoryEntry[] {
  if (!Array.isArray(value)) throw usage("history must be a list of runs");
  return value.map(historyEntry);
}

function historyEntry(value: unknown): HistoryEntry {
  if (typeof value !== "object" || value === null) throw usage("history must be a list of runs");
  const entry = value as Record<string, unknown>;
  const optional = {
    waited_seconds: seconds,
    exit_code: exitCode,
    signal: text,
    error: text,
  };
  const given = Object.entries(optional).filter(([name]) => name in entry)
    .map(([name, check]) => [name, check(`a run's ${name}`, entry[name])]);
  return {
    run: name("a run's id", entry.run),
    attempt: count("a run's attempt", entry.attempt),
    worker: name("a run's worker", entry.worker),
    started_at: instant("a run's started_at", entry.started_at),
    finished_at: instant("a run's finished_at", entry.finished_at),
    ...Object.fromEntries(given),
  };
}

function exitCode(name: string, value: unknown): number {
  return wholeNumber(name, value, -(2 ** 31), 2 ** 32);
}
