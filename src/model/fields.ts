/**
 * One check for each field of a job, whoever wrote it: a person on the command line, JSON, HTTP,
 * or a hand in `jobs.json`. A check returns the value as it is kept, or throws `usage` naming the field.
 */
import { QueueError, unknownWord, usage } from "./errors.ts";
import { parseInstant } from "./instant.ts";
import { parseDuration } from "./duration.ts";
import { type HistoryEntry, isJobId, type Job, type NewJob, type State, STATES } from "./job.ts";

/** The longest command in bytes: Linux takes 131,072 bytes for one argument, and the shell's beginning needs a part of it. */
export const MAX_COMMAND_BYTES = 120_000;

const MAX_SECONDS = 31_536_000_000;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw usage(`${name} must be a whole number from ${min} to ${max}, not ${shown(value)}`);
  }
  return value;
}

function text(name: string, value: unknown): string {
  if (typeof value !== "string") throw usage(`${name} must be a text, not ${shown(value)}`);
  if (value.includes("\0")) throw usage(`${name} must not contain a NUL character`);
  if (!value.isWellFormed()) throw usage(`${name} must not contain half of a character`);
  return value;
}

function texts(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw usage(`${name} must be a list of texts, not ${shown(value)}`);
  return [...new Set(value.map((item) => text(name, item)))];
}

export function checkId(value: unknown): string {
  const id = text("id", value);
  if (!isJobId(id)) {
    throw usage(
      `'${id}' is no job id`,
      "1 to 128 of A-Z a-z 0-9 . _ : - and no . or - at the beginning",
    );
  }
  return id;
}

export function checkCommand(value: unknown): string {
  const command = text("command", value);
  if (command.trim() === "") throw usage("the command is empty");
  if (new TextEncoder().encode(command).length > MAX_COMMAND_BYTES) {
    throw usage(
      `the command is longer than ${MAX_COMMAND_BYTES} bytes`,
      "put it in a script file and enqueue that",
    );
  }
  return command;
}

/** So many retries a job may have. */
export const MOST_RETRIES = 1_000_000;

/** The lowest is as far below 0. */
export const HIGHEST_PRIORITY = 1_000_000_000;

function checkMaxRetries(value: unknown): number {
  return wholeNumber("max_retries", value, 0, MOST_RETRIES);
}

function checkPriority(value: unknown): number {
  return wholeNumber("priority", value, -HIGHEST_PRIORITY, HIGHEST_PRIORITY);
}

export function checkTimeout(value: unknown): number {
  const name = "timeout_seconds";
  return seconds(name, typeof value === "string" ? parseDuration(value, name) : value);
}

function seconds(name: string, value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value <= MAX_SECONDS)) {
    throw usage(`${name} must be a number of seconds from 0, not ${shown(value)}`);
  }
  return value;
}

export function checkRunAt(value: unknown, timeZone: string): string {
  if (typeof value !== "string" && typeof value !== "number") {
    throw usage(`run_at must be a date and time, not ${shown(value)}`);
  }
  return parseInstant(value, "run_at", timeZone);
}

export function checkDependsOn(value: unknown): readonly string[] {
  return texts("depends_on", typeof value === "string" ? [value] : value).map(checkId);
}

export function checkTags(value: unknown): readonly string[] {
  const tags = texts("tags", typeof value === "string" ? [value] : value);
  for (const tag of tags) {
    if (tag === "" || tag.length > 128 || /[\s,]/.test(tag)) {
      throw usage(`'${tag}' is no tag`, "1 to 128 characters without spaces and commas");
    }
  }
  return tags;
}

export function checkCwd(value: unknown): string {
  const cwd = text("cwd", value);
  if (cwd === "") throw usage("cwd is empty");
  return cwd;
}

export function checkEnv(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usage(`env must be an object of names and texts, not ${shown(value)}`);
  }
  for (const [name, content] of Object.entries(value)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw usage(`'${name}' is no name of an environment variable`);
    }
    if (name.startsWith("QUEUECTL_")) {
      throw usage(`the environment variable ${name} is set by queuectl itself`);
    }
    text(`env ${name}`, content);
  }
  return { ...value } as Record<string, string>;
}

/** The fields that a person may set, in the order in which help and errors name them. */
const NEW_JOB_FIELDS = [
  "id",
  "command",
  "max_retries",
  "priority",
  "run_at",
  "timeout_seconds",
  "depends_on",
  "cwd",
  "env",
  "tags",
] as const satisfies readonly (keyof NewJob)[];

/** Fields of a pasted whole record that say nothing new and are set afresh. */
const SET_AFRESH = [
  "created_at",
  "updated_at",
  "seq",
  "started_at",
  "finished_at",
];

/**
 * Reads what a person says of one job.
 *
 * @param timeZone the zone of a `run_at` without an offset
 * @throws {QueueError} `usage` naming the field
 */
export function parseNewJob(value: unknown, timeZone: string): Partial<NewJob> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usage(`a job must be a JSON object such as {"command":"echo hi"}, not ${shown(value)}`);
  }
  const job: { -readonly [K in keyof NewJob]?: NewJob[K] } = {};
  for (const [name, given] of Object.entries(value)) {
    switch (name) {
      case "id":
        job.id = checkId(given);
        break;
      case "command":
        job.command = checkCommand(given);
        break;
      case "max_retries":
        job.max_retries = checkMaxRetries(given);
        break;
      case "priority":
        job.priority = checkPriority(given);
        break;
      case "run_at":
        job.run_at = checkRunAt(given, timeZone);
        break;
      case "timeout_seconds":
        job.timeout_seconds = checkTimeout(given);
        break;
      case "depends_on":
        job.depends_on = checkDependsOn(given);
        break;
      case "cwd":
        job.cwd = checkCwd(given);
        break;
      case "env":
        job.env = checkEnv(given);
        break;
      case "tags":
        job.tags = checkTags(given);
        break;
      case "state":
        if (given !== "pending") throw usage(`a new job's state is 'pending', not ${shown(given)}`);
        break;
      case "attempts":
        if (given !== 0) throw usage(`a new job's attempts are 0, not ${shown(given)}`);
        break;
      default:
        if (!SET_AFRESH.includes(name)) throw unknownWord("field", name, NEW_JOB_FIELDS);
    }
  }
  return job;
}

export function checkState(value: unknown): State {
  const state = STATES.find((known) => known === value);
  if (!state) throw unknownWord("state", String(value), STATES);
  return state;
}

function instant(name: string, value: unknown): string {
  if (typeof value !== "string" || Number.isNaN(Date.parse(value))) {
    throw usage(`${name} must be an ISO 8601 time, not ${shown(value)}`);
  }
  return new Date(value).toISOString();
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
    run: text("a run's id", entry.run),
    attempt: wholeNumber("a run's attempt", entry.attempt, 0, Number.MAX_SAFE_INTEGER),
    worker: text("a run's worker", entry.worker),
    started_at: instant("a run's started_at", entry.started_at),
    finished_at: instant("a run's finished_at", entry.finished_at),
    ...Object.fromEntries(given),
  };
}

function exitCode(name: string, value: unknown): number {
  return wholeNumber(name, value, -(2 ** 31), 2 ** 32);
}

/** What a stored record gets for what a hand left out. */
export interface RecordDefaults {
  readonly seq: number;
  readonly now: string;
  readonly maxRetries: number;
}

/**
 * Reads a record that a hand may have written: what is missing gets its default, what is there
 * must be right.
 *
 * @throws {QueueError} `usage` naming the field
 */
export function parseRecord(value: unknown, defaults: RecordDefaults): Job {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usage(`a job must be a JSON object, not ${shown(value)}`);
  }
  const given = value as Record<string, unknown>;
  if (!("id" in given)) throw usage("a job has no id");
  if (!("command" in given)) throw usage(`job '${shown(given.id)}' has no command`);
  const job: Record<string, unknown> = {
    id: checkId(given.id),
    command: checkCommand(given.command),
    state: checkState(given.state ?? "pending"),
    attempts: wholeNumber("attempts", given.attempts ?? 0, 0, Number.MAX_SAFE_INTEGER),
    max_retries: checkMaxRetries(given.max_retries ?? defaults.maxRetries),
    created_at: instant("created_at", given.created_at ?? defaults.now),
    updated_at: instant("updated_at", given.updated_at ?? defaults.now),
    seq: wholeNumber("seq", given.seq ?? defaults.seq, 0, Number.MAX_SAFE_INTEGER),
  };
  for (const [name, stored] of Object.entries(given)) {
    if (name in job) continue;
    switch (name) {
      case "priority":
        job[name] = checkPriority(stored);
        break;
      case "timeout_seconds":
        job[name] = checkTimeout(stored);
        break;
      case "depends_on":
        job[name] = checkDependsOn(stored);
        break;
      case "cwd":
        job[name] = checkCwd(stored);
        break;
      case "env":
        job[name] = checkEnv(stored);
        break;
      case "tags":
        job[name] = checkTags(stored);
        break;
      case "exit_code":
        job[name] = exitCode(name, stored);
        break;
      case "waited_seconds":
        job[name] = seconds(name, stored);
        break;
      case "history":
        job[name] = history(stored);
        break;
      case "run_at":
      case "started_at":
      case "finished_at":
      case "lease_expires_at":
        job[name] = instant(name, stored);
        break;
      case "error":
      case "worker":
      case "run":
        job[name] = text(name, stored);
        break;
      default:
        throw new QueueError("usage", `job '${job.id}' has an unknown field '${name}'`);
    }
  }
  return job as unknown as Job;
}
