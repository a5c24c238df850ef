import { isWaiting, type Job } from "../model/job.ts";
import type { Records } from "./records.ts";

/**
 * Since when a waiting job could have run, milliseconds since 1970; infinite if it cannot yet.
 *
 * @returns undefined if that is not known, as what it depends on was completed before these records
 * were read, which do not keep such jobs; or was deleted
 */
export function dueSince(job: Job, records: Records): number | undefined {
  if (!isWaiting(job.state)) return Infinity;
  // An edit is no new beginning for a job that has waited since it was enqueued.
  const inQueue = Date.parse(job.history ? job.updated_at : job.created_at);
  let since = Math.max(inQueue, Date.parse(job.run_at ?? job.created_at));
  for (const id of job.depends_on ?? []) {
    const dependency = records.get(id);
    if (!dependency && records.keep === "unfinished") return undefined;
    if (!dependency) continue;
    if (dependency.state !== "completed") return Infinity;
    since = Math.max(since, Date.parse(dependency.finished_at ?? dependency.updated_at));
  }
  return since;
}

/**
 * How long a job that is taken now has waited since it could have run, in seconds.
 *
 * @param now milliseconds since 1970
 * @returns undefined if that is not known
 */
export function waitedSeconds(job: Job, records: Records, now: number): number | undefined {
  const since = dueSince(job, records);
  return since === undefined ? undefined : Math.max(0, now - since) / 1000;
}
