import { removeWorkerLogs } from "../machine/worker_logs.ts";
import type { Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import { dropEnded } from "../rules/prune.ts";
import { dropJobs } from "./run_logs.ts";
import type { Store } from "./store.ts";

/** Removes jobs that ended before a time, and the logs of workers that left before it. */
export async function prune(store: Store, filter: PruneFilter): Promise<readonly Job[]> {
  if (filter.dryRun) return await store.preview((view) => dropEnded(view, filter));
  const jobs = await dropJobs(store, (view) => dropEnded(view, filter));
  if (filter.workerLogs) removeWorkerLogs(store.paths, filter.endedBefore);
  return jobs;
}
