import type { MachinePaths } from "../machine/paths.ts";
import { removeWorkerLogs } from "../machine/worker_logs.ts";
import type { Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import { isPrunable, withoutAwaited } from "../rules/prune.ts";
import { removeHeld } from "./carry_out.ts";
import { dependentsOf, forgetDependents } from "./dependents.ts";
import { type Engine, SHELVES } from "./engine.ts";
import { ENDED, findAll, type Found, readEach, readShelf } from "./jobs.ts";

/** Removes jobs that ended before a time, with their logs, and the logs of this machine's workers that left before it. */
export async function prune(
  engine: Engine,
  paths: MachinePaths,
  filter: PruneFilter,
): Promise<readonly Job[]> {
  const { limit = Infinity } = filter;
  const old = (await withoutAwaitedOn(engine, await prunable(engine, filter))).slice(0, limit);
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

async function withoutAwaitedOn(
  engine: Engine,
  old: readonly Found[],
): Promise<readonly Found[]> {
  const dependents = new Map<string, readonly Job[]>();
  for (const { job } of old.filter(({ job }) => job.state !== "completed")) {
    const found = await findAll(engine, await dependentsOf(engine, job.id));
    const jobs = [...found.values()].map((each) => each.job);
    dependents.set(job.id, jobs.filter(({ depends_on }) => depends_on?.includes(job.id)));
  }
  const free = new Set(
    withoutAwaited(old.map(({ job }) => job), (id) => dependents.get(id) ?? []).map(({ id }) => id),
  );
  return old.filter(({ job }) => free.has(job.id));
}
