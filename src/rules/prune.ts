import { hasTags, isEnded, type Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import type { Change, View } from "./change.ts";

/** The pure change: removes jobs that ended before a time. A job that is gone holds back nothing that depends on it. */
export function dropEnded({ records }: View, filter: PruneFilter): Change<readonly Job[]> {
  const jobs = records.values().filter((job) => isPrunable(job, filter))
    .take(filter.limit ?? Infinity).toArray();
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}

/** A cancelled job whose run has not ended yet is still somebody's. */
export function isPrunable(job: Job, { states, tags, endedBefore }: PruneFilter): boolean {
  return isEnded(job.state) && job.run === undefined && states.includes(job.state) &&
    (!tags || hasTags(job, tags)) &&
    Date.parse(job.finished_at ?? job.updated_at) < endedBefore;
}
