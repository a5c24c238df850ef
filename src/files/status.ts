import { isWaiting, type Job } from "../model/job.ts";
import type { Status } from "../model/queue.ts";
import type { Records } from "./records.ts";

/** The queue in numbers, without the workers. */
export function status(records: Records, now: number): Omit<Status, "workers"> {
  let oldest: { id: string; since: number } | undefined;
  for (const job of records.values()) {
    const since = waitingSince(job, records);
    if (since <= now && (!oldest || since < oldest.since)) oldest = { id: job.id, since };
  }
  return {
    paused: records.state.paused,
    counts: { ...records.counts },
    oldest_waiting: oldest ? { id: oldest.id, since: new Date(oldest.since).toISOString() } : null,
  };
}

/** Since when a job could have run, milliseconds since 1970; infinite if it could not yet. */
function waitingSince(job: Job, records: Records): number {
  if (!isWaiting(job.state)) return Infinity;
  let since = Date.parse(job.run_at ?? job.updated_at);
  for (const id of job.depends_on ?? []) {
    const dependency = records.get(id);
    if (!dependency) continue;
    if (dependency.state !== "completed") return Infinity;
    since = Math.max(since, Date.parse(dependency.finished_at ?? dependency.updated_at));
  }
  return since;
}
