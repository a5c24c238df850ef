/** What a person says of a schedule, as JSON: its own fields, and those of its jobs beside them. */
import { unknownWord, usage } from "./errors.ts";
import { CHECKS, shown, text } from "./fields.ts";
import { parseNewJob } from "./new_job.ts";
import {
  checkScheduleName,
  checkTimeZone,
  MISSED_POLICIES,
  type MissedPolicy,
  type NewSchedule,
} from "./schedule.ts";

/** What a job of a schedule cannot have: it comes when its time has come, under an id that says so. */
const NOT_HERE = ["id", "run_at", "depends_on"];

const FIELDS: readonly string[] = [
  "name",
  "cron",
  "time_zone",
  "missed",
  ...Object.keys(CHECKS).filter((field) => !NOT_HERE.includes(field)),
];

/**
 * Reads it.
 *
 * @param timeZone the zone of the pattern where nothing else is said
 * @throws {QueueError} `usage` naming the field
 */
export function parseNewSchedule(value: unknown, timeZone: string): NewSchedule {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usage(`a schedule must be a JSON object, not ${shown(value)}`);
  }
  const { name, cron, time_zone = timeZone, missed, ...work } = value as Record<string, unknown>;
  const unfit = NOT_HERE.find((field) => field in work);
  if (unfit !== undefined) throw usage(`a schedule's jobs cannot have the field '${unfit}'`);
  const unknown = Object.keys(value).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw unknownWord("field", unknown, FIELDS);
  const { command, ...job } = parseNewJob(work, timeZone);
  if (command === undefined) throw usage("a schedule has no command");
  return {
    name: checkScheduleName(text("name", name)),
    cron: text("cron", cron),
    time_zone: checkTimeZone(text("time_zone", time_zone)),
    missed: checkMissed(missed),
    job: { ...job, command },
  };
}

function checkMissed(value: unknown = "once"): MissedPolicy {
  const policy = MISSED_POLICIES.find((known) => known === value);
  if (!policy) throw unknownWord("policy", shown(value), MISSED_POLICIES);
  return policy;
}
