import { hasTags, isEnded, type Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import type { Change, View } from "./change.ts";

/** The pure change: removes jobs that ended before a time. */
export function dropEnded({ records }: View, filter: PruneFilter): Change<readonly Job[]> {
  const old = records.values().filter((job) => isPrunable(job, filter)).toArray();
  const going = records.hasDependents
    ? leavingOrder(
      old,
      (id) => [...records.dependentsOf(id)].flatMap((each) => records.get(each) ?? []),
    )
    : old;
  const jobs = going.slice(0, filter.limit ?? Infinity);
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}

/**
 * Without those that other jobs stay for, as what they depend on was not completed: a job that is gone
 * holds nothing back, and a retry would have them run. What depends on a job comes before it, so that
 * wherever one stops, nothing stays that depends on what is gone.
 *
 * @param dependentsOf the jobs that depend on one
 */
export function leavingOrder(
  old: readonly Job[],
  dependentsOf: (id: string) => readonly Job[],
): readonly Job[] {
  const waiting = new Map<string, { readonly job: Job; holders: number }>();
  const leaving: Job[] = [];
  for (const job of old) {
    const holders = job.state === "completed" ? 0 : dependentsOf(job.id).filter(isHolder).length;
    if (holders === 0) leaving.push(job);
    else waiting.set(job.id, { job, holders });
  }
  // A list that grows while it is walked: who leaves may have been the last to hold another back.
  for (const { state, depends_on = [] } of leaving) {
    if (state === "completed") continue;
    for (const id of depends_on) {
      const held = waiting.get(id);
      if (held && --held.holders === 0) leaving.push(held.job);
    }
  }
  return leaving;
}

function isHolder({ state }: Job): boolean {
  return state !== "completed";
}

/** A cancelled job whose run has not ended yet is still somebody's. */
export function isPrunable(job: Job, { states, tags, endedBefore }: PruneFilter): boolean {
  return isEnded(job.state) && job.run === undefined && states.includes(job.state) &&
    (!tags || hasTags(job, tags)) &&
    Date.parse(job.finished_at ?? job.updated_at) < endedBefore;
}
