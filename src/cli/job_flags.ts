/** The flags that say what a job is: those of `enqueue`, `edit` and `schedule add`. */
import {
  checkCommand,
  checkCwd,
  checkDependsOn,
  checkEnv,
  checkTags,
  checkTimeout,
  HIGHEST_PRIORITY,
  MOST_RETRIES,
} from "../model/fields.ts";
import { usage } from "../model/errors.ts";
import { nextTimeOfDay, parseInstant } from "../model/instant.ts";
import type { NewJob } from "../model/job.ts";
import { absolutePath } from "../model/location.ts";
import type { Context } from "./context.ts";
import {
  commaSeparated,
  duration,
  text,
  value,
  values,
  type Variable,
  variable,
  wholeNumber,
} from "./flags.ts";

/** What a job is, whenever it runs. */
export interface WorkFlags {
  readonly "command"?: string;
  readonly "max-retries"?: number;
  readonly "priority"?: number;
  readonly "timeout"?: number;
  readonly "cwd"?: string;
  readonly "env"?: readonly Variable[];
  readonly "tag"?: readonly (readonly string[])[];
}

/** When a job may run. */
export interface TimingFlags {
  readonly "delay"?: number;
  readonly "run-at"?: string;
  readonly "depends-on"?: readonly (readonly string[])[];
}

export const workFlags = {
  "command": value(text, "COMMAND", "The shell command (also --cmd)"),
  "max-retries": value(
    wholeNumber("--max-retries", 0, MOST_RETRIES),
    "N",
    "Retries after the first run",
  ),
  "priority": value(
    wholeNumber("--priority", -HIGHEST_PRIORITY, HIGHEST_PRIORITY),
    "N",
    "Higher first, negative allowed",
  ),
  "timeout": value(
    duration("--timeout"),
    "DURATION",
    "End a run that takes longer; if absent, the setting job_timeout (1h); 0 for no limit",
  ),
  "cwd": value(text, "DIR", "Where to run"),
  "env": values(
    variable,
    "NAME=VALUE",
    "A variable for the command; NAME alone takes its value from here",
  ),
  "tag": values(commaSeparated, "TAG", "A word to find the job by"),
} as const;

export const timingFlags = {
  "delay": value(duration("--delay"), "DURATION", "Not before this much time has passed"),
  "run-at": value(
    text,
    "TIME",
    "Not before this time: ISO 8601, local without an offset, or the next 22:00",
  ),
  "depends-on": values(commaSeparated, "ID", "Wait until these jobs are completed"),
} as const;

const RUN_AT_HINT =
  "write 22:00, 2030-01-31 10:00 (both local time) or 2030-01-31T10:00:00Z; --delay 2h counts from now";

export const workAliases = { c: "command", r: "max-retries", p: "priority" } as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What the flags say of a job, checked. */
export function readWorkFlags(
  context: Context,
  flags: WorkFlags,
): Partial<Omit<NewJob, "id" | "run_at" | "depends_on">> {
  const job: Writable<Partial<NewJob>> = {};
  if (flags.command !== undefined) job.command = checkCommand(flags.command);
  if (flags["max-retries"] !== undefined) job.max_retries = flags["max-retries"];
  if (flags.priority !== undefined) job.priority = flags.priority;
  if (flags.timeout !== undefined) job.timeout_seconds = checkTimeout(flags.timeout);
  if (flags.cwd !== undefined) job.cwd = absolutePath(checkCwd(flags.cwd), context.cwd);
  if (flags.env) job.env = checkEnv(readVariables(context, flags.env));
  if (flags.tag) job.tags = checkTags(flags.tag.flat());
  return job;
}

function readVariables({ env }: Context, given: readonly Variable[]): Record<string, string> {
  return Object.fromEntries(given.map(([name, value = env(name)]) => {
    if (value === undefined) {
      throw usage(`there is no variable ${name} here to take the value of`, "say --env NAME=VALUE");
    }
    return [name, value];
  }));
}

/** What the flags say of a job's time, checked. */
export function readTimingFlags(
  context: Context,
  flags: TimingFlags,
): Partial<Pick<NewJob, "run_at" | "depends_on">> {
  const job: Writable<Partial<NewJob>> = {};
  if (flags["depends-on"]) job.depends_on = checkDependsOn(flags["depends-on"].flat());
  if (flags.delay !== undefined && flags["run-at"] !== undefined) {
    throw usage("--delay and --run-at exclude each other");
  }
  if (flags.delay !== undefined) {
    job.run_at = new Date(context.clock() + flags.delay * 1000).toISOString();
  }
  const runAt = flags["run-at"];
  if (runAt !== undefined) {
    job.run_at = nextTimeOfDay(runAt, context.clock(), context.timeZone()) ??
      parseInstant(runAt, "--run-at", context.timeZone(), RUN_AT_HINT);
  }
  return job;
}
