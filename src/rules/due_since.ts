import { isWaiting, type Job } from "../model/job.ts";
import type { Records } from "./records.ts";

/** Since when a waiting job could have run, milliseconds since 1970; infinite if it cannot yet. */
export function dueSince(job: Job, records: Records): number {
  if (!isWaiting(job.state)) return Infinity;
  // An edit is no new beginning for a job that has waited since it was enqueued.
  const inQueue = Date.parse(job.history ? job.updated_at : job.created_at);
  let since = Math.max(inQueue, Date.parse(job.run_at ?? job.created_at));
  for (const id of job.depends_on ?? []) {
    const dependency = records.get(id);
    if (!dependency) continue;
    if (dependency.state !== "completed") return Infinity;
    since = Math.max(since, Date.parse(dependency.finished_at ?? dependency.updated_at));
  }
  return since;
}
