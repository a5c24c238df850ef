import type { MachinePaths } from "../machine/paths.ts";
import { removeWorkerLogs } from "../machine/worker_logs.ts";
import type { Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import { isPrunable } from "../rules/prune.ts";
import { removeHeld } from "./carry_out.ts";
import { forgetDependents } from "./dependents.ts";
import { type Engine, SHELVES } from "./engine.ts";
import { ENDED, type Found, readEach, readShelf } from "./jobs.ts";

/** Removes jobs that ended before a time, with their logs, and the logs of this machine's workers that left before it. */
export async function prune(
  engine: Engine,
  paths: MachinePaths,
  filter: PruneFilter,
): Promise<readonly Job[]> {
  const { limit = Infinity } = filter;
  const old = (await prunable(engine, filter)).slice(0, limit);
  if (!filter.dryRun) {
    for (const { held, job } of old) {
      await removeHeld(held, job.id);
      await forgetDependents(engine, job.id);
    }
    if (filter.workerLogs) removeWorkerLogs(paths, filter.endedBefore);
  }
  return old.map(({ job }) => job);
}

async function prunable(engine: Engine, filter: PruneFilter): Promise<readonly Found[]> {
  const { limit = Infinity, endedBefore } = filter;
  const found: Found[] = [];
  for (const place of ENDED) {
    // The engine has them in the order of their ends: behind the first young one all are.
    for await (const each of readEach(engine, place)) {
      if ((each.held.finishedOn ?? 0) >= endedBefore || found.length >= limit) break;
      if (isPrunable(each.job, filter)) found.push(each);
    }
  }
  for (const shelf of SHELVES) {
    if (!filter.states.includes(shelf) || found.length >= limit) continue;
    found.push(...(await readShelf(engine, shelf)).filter(({ job }) => isPrunable(job, filter)));
  }
  return found;
}
