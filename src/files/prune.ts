import { hasTags, isEnded, type Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import { dropJobs } from "./delete.ts";
import { ifThere, removeIfThere } from "./io.ts";
import { type Paths, workerPaths } from "./paths.ts";
import type { Change, Store, View } from "./store.ts";
import { isAlive, workersWithLogs } from "./worker_file.ts";

/** Removes jobs that ended before a time, and the logs of workers that left before it. */
export async function prune(store: Store, filter: PruneFilter): Promise<readonly Job[]> {
  if (filter.dryRun) {
    await store.refresh();
    return store.records.values().filter((job) => isPrunable(job, filter)).toArray();
  }
  const jobs = await dropJobs(store, (view) => dropEnded(view, filter));
  if (filter.workerLogs) removeWorkerLogs(store.paths, filter.endedBefore);
  return jobs;
}

/** The pure change. A job that is gone holds back nothing that depends on it. */
export function dropEnded({ records }: View, filter: PruneFilter): Change<readonly Job[]> {
  const jobs = records.values().filter((job) => isPrunable(job, filter))
    .take(filter.limit ?? Infinity).toArray();
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}

/** A cancelled job whose run has not ended yet is still somebody's. */
function isPrunable(job: Job, { states, tags, endedBefore }: PruneFilter): boolean {
  return isEnded(job.state) && job.run === undefined && states.includes(job.state) &&
    (!tags || hasTags(job, tags)) &&
    Date.parse(job.finished_at ?? job.updated_at) < endedBefore;
}

function removeWorkerLogs(paths: Paths, before: number): void {
  for (const id of workersWithLogs(paths)) {
    if (isAlive(paths, id)) continue;
    const { log } = workerPaths(paths, id);
    const written = ifThere(() => Deno.statSync(log))?.mtime?.getTime() ?? Infinity;
    if (written < before) removeIfThere(log);
  }
}
