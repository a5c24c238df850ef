/**
 * What a transaction changes of a job is usually a few fields: the journal says only these, so a
 * line costs the same for a long command and a long history as for short ones.
 *
 * Promises:
 * 3. What `job_change.ts` promises of a change, holds of what the journal says. A job that
 *    moves between `jobs.json` and `dlq.json` is told whole: between the two renames of a
 *    checkpoint it may stand in neither of them. So is one that begins anew: workers do not keep
 *    jobs that have ended.
 */
import { type HistoryEntry, isEnded, type Job, MAX_HISTORY } from "../model/job.ts";
import type { JobChange } from "../model/job_change.ts";
import type { QueueEvent } from "./records.ts";

/** The event for a change that made `after` of `before`. */
export function eventOf(before: Job, change: JobChange, after: Job): QueueEvent {
  return isToldWhole(before, after) ? { put: after } : change;
}

/** The shortest event that makes `after` of `before`. */
export function lean(before: Job | undefined, after: Job): QueueEvent {
  if (!before || isToldWhole(before, after)) return { put: after };
  const ran = newEntry(before.history, after.history);
  const set: Record<string, unknown> = { id: after.id };
  for (const name in after) {
    if (name === "history" && (ran || after.history === before.history)) continue;
    const key = name as keyof Job;
    if (after[key] !== before[key]) set[key] = after[key];
  }
  const unset = Object.keys(before).filter((name) => !(name in after)) as (keyof Job)[];
  return {
    set: set as JobChange["set"],
    ...(unset.length > 0 ? { unset } : {}),
    ...(ran ? { ran } : {}),
  };
}

function isToldWhole(before: Job, after: Job): boolean {
  return isDead(before) !== isDead(after) || isEnded(before.state) && !isEnded(after.state);
}

function isDead(job: Job): boolean {
  return job.state === "dead";
}

/** The entry by which a history has grown, if that is all that happened to it. */
function newEntry(
  before: readonly HistoryEntry[] = [],
  after: readonly HistoryEntry[] = [],
): HistoryEntry | undefined {
  const grown = after.length === Math.min(before.length + 1, MAX_HISTORY);
  return grown && after !== before && after.at(-2) === before.at(-1) ? after.at(-1) : undefined;
}
