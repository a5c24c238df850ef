import { ifThere, removeIfThere } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
import { isAlive, workersWithLogs } from "../machine/worker_file.ts";
import type { Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import { dropEnded, isPrunable } from "../rules/prune.ts";
import type { Paths } from "./paths.ts";
import { dropJobs } from "./run_logs.ts";
import type { Store } from "./store.ts";

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

function removeWorkerLogs(paths: Paths, before: number): void {
  for (const id of workersWithLogs(paths)) {
    if (isAlive(paths, id)) continue;
    const { log } = workerPaths(paths, id);
    const written = ifThere(() => Deno.statSync(log))?.mtime?.getTime() ?? Infinity;
    if (written < before) removeIfThere(log);
  }
}
