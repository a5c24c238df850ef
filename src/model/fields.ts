/**
 * One check for each field of a job, whoever wrote it: a person on the command line, JSON, HTTP,
 * or a hand in `jobs.json`. A check returns the value as it is kept, or throws `usage` naming the field.
 */
import { unknownWord, usage } from "./errors.ts";
import { parseInstant } from "./instant.ts";
import { MAX_SECONDS, parseDuration } from "./duration.ts";
import { isJobId, type NewJob, type State, STATES } from "./job.ts";
import { shorten } from "./text.ts";

/** The longest command in bytes: Linux takes 131,072 bytes for one argument, and the shell's beginning needs a part of it. */
export const MAX_COMMAND_BYTES = 120_000;

/** How much of a wrong value an error repeats, in characters. */
const MOST_SHOWN = 60;

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return shorten(text, MOST_SHOWN);
}

export function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw usage(`${name} must be a whole number from ${min} to ${max}, not ${shown(value)}`);
  }
  return value;
}

export function text(name: string, value: unknown): string {
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

/** The most retries that a job may have. */
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

export function seconds(name: string, value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value <= MAX_SECONDS)) {
    throw usage(
      `${name} must be a number of seconds from 0 to ${MAX_SECONDS}, not ${shown(value)}`,
    );
  }
  return value;
}

function checkRunAt(value: unknown, timeZone: string): string {
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

export function checkState(value: unknown): State {
  const state = STATES.find((known) => known === value);
  if (!state) throw unknownWord("state", String(value), STATES);
  return state;
}

/** The check of each field that a person may set, in the order in which help and errors name them. */
export const CHECKS = {
  id: checkId,
  command: checkCommand,
  max_retries: checkMaxRetries,
  priority: checkPriority,
  run_at: checkRunAt,
  timeout_seconds: checkTimeout,
  depends_on: checkDependsOn,
  cwd: checkCwd,
  env: checkEnv,
  tags: checkTags,
} as const satisfies {
  readonly [K in keyof NewJob]-?: (value: unknown, timeZone: string) => Required<NewJob>[K];
};
