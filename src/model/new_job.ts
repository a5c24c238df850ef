/** What a person says of a new job, as JSON. */
import { unknownWord, usage } from "./errors.ts";
import { CHECKS, shown } from "./fields.ts";
import type { NewJob } from "./job.ts";

/** Fields of a pasted whole record that can have only one value in a new job. */
const FIXED: Readonly<Record<string, unknown>> = { state: "pending", attempts: 0 };

/** Fields of one that say nothing new and are set afresh. */
const SET_AFRESH = ["created_at", "updated_at", "seq", "started_at", "finished_at"];

/** What other queues, and the flags, call a field. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  cmd: "command",
  delay: "run_at, a time, or the flag --delay",
  retries: "max_retries",
};

/**
 * Reads it.
 *
 * @param timeZone the zone of a `run_at` without an offset
 * @throws {QueueError} `usage` naming the field
 */
export function parseNewJob(value: unknown, timeZone: string): Partial<NewJob> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usage(`a job must be a JSON object such as {"command":"echo hi"}, not ${shown(value)}`);
  }
  const job: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value)) {
    if (isSettable(name)) job[name] = CHECKS[name](given, timeZone);
    else checkOther(name, given);
  }
  return job;
}

function isSettable(name: string): name is keyof NewJob {
  return Object.hasOwn(CHECKS, name);
}

function checkOther(name: string, given: unknown): void {
  if (Object.hasOwn(FIXED, name)) {
    if (given === FIXED[name]) return;
    throw usage(`a new job's ${name} must be ${shown(FIXED[name])}, not ${shown(given)}`);
  }
  if (SET_AFRESH.includes(name)) return;
  if (Object.hasOwn(ELSEWHERE, name)) {
    throw usage(`unknown field '${name}'`, `here it is ${ELSEWHERE[name]}`);
  }
  throw unknownWord("field", name, Object.keys(CHECKS));
}
