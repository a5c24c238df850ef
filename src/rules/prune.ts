import { hasTags, isEnded, type Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import type { Change, View } from "./change.ts";

/** The pure change: removes jobs that ended before a time. */
export function dropEnded({ records }: View, filter: PruneFilter): Change<readonly Job[]> {
  const old = records.values().filter((job) => isPrunable(job, filter)).toArray();
  const free = records.hasDependents
    ? withoutAwaited(
      old,
      (id) => [...records.dependentsOf(id)].flatMap((each) => records.get(each) ?? []),
    )
    : old;
  const jobs = free.slice(0, filter.limit ?? Infinity);
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}

/**
 * Without those that other jobs stay for, as what they depend on was not completed: a job that is gone
 * holds nothing back, and a retry would have them run.
 *
 * @param dependentsOf the jobs that depend on one
 */
export function withoutAwaited(
  old: readonly Job[],
  dependentsOf: (id: string) => readonly Job[],
): readonly Job[] {
  const going = new Set(old.map(({ id }) => id));
  const isFree = ({ id, state }: Job): boolean =>
    state === "completed" ||
    dependentsOf(id).every((each) => each.state === "completed" || going.has(each.id));
  for (;;) {
    const staying = old.filter((job) => going.has(job.id) && !isFree(job));
    if (staying.length === 0) return old.filter(({ id }) => going.has(id));
    for (const { id } of staying) going.delete(id);
  }
}

/** A cancelled job whose run has not ended yet is still somebody's. */
export function isPrunable(job: Job, { states, tags, endedBefore }: PruneFilter): boolean {
  return isEnded(job.state) && job.run === undefined && states.includes(job.state) &&
    (!tags || hasTags(job, tags)) &&
    Date.parse(job.finished_at ?? job.updated_at) < endedBefore;
}
