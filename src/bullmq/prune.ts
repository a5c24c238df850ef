import type { MachinePaths } from "../machine/paths.ts";
import { removeWorkerLogs } from "../machine/worker_logs.ts";
import type { Job } from "../model/job.ts";
import type { PruneFilter } from "../model/queue.ts";
import { isPrunable, leavingOrder } from "../rules/prune.ts";
import { departAll } from "./carry_out.ts";
import { dependentsOf } from "./dependents.ts";
import { type Engine, SHELVES } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { ENDED, findAll, type Found, readEach, readShelf } from "./jobs.ts";

/** Removes jobs that ended before a time, with their logs, and the logs of this machine's workers that left before it. */
export async function prune(
  hand: Hand,
  paths: MachinePaths,
  filter: PruneFilter,
): Promise<readonly Job[]> {
  const old = await leaving(hand.engine, filter);
  if (filter.dryRun) return old.map(({ job }) => job);
  const gone = await departAll(hand, old);
  if (filter.workerLogs) removeWorkerLogs(paths, filter.endedBefore);
  return gone.map(({ job }) => job);
}

/** As many as are wanted, if there are that many: some that are old stay for others' sake. */
async function leaving(engine: Engine, filter: PruneFilter): Promise<readonly Found[]> {
  const { limit = Infinity } = filter;
  for (let most = limit;; most *= 4) {
    const old = await prunable(engine, filter, most);
    const going = await leavingOf(engine, old);
    if (going.length >= limit || old.length < most) return going.slice(0, limit);
  }
}

/** Jobs that are old enough; when there are more than that, not all of them. */
async function prunable(
  engine: Engine,
  filter: PruneFilter,
  most: number,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const place of ENDED) {
    // The engine has them in the order of their ends: behind the first young one all are.
    for await (const each of readEach(engine, place)) {
      if ((each.stored.finishedOn ?? 0) >= filter.endedBefore || found.length >= most) break;
      if (isPrunable(each.job, filter)) found.push(each);
    }
  }
  for (const shelf of SHELVES) {
    if (!filter.states.includes(shelf) || found.length >= most) continue;
    for (const each of await readShelf(engine, shelf)) {
      if (isPrunable(each.job, filter)) found.push(each);
    }
  }
  return found;
}

async function leavingOf(engine: Engine, old: readonly Found[]): Promise<readonly Found[]> {
  const dependents = new Map<string, readonly Job[]>();
  for (const { job } of old.filter(({ job }) => job.state !== "completed")) {
    const found = await findAll(engine, await dependentsOf(engine, job.id));
    const jobs = [...found.values()].map((each) => each.job);
    dependents.set(job.id, jobs.filter(({ depends_on }) => depends_on?.includes(job.id)));
  }
  const byId = new Map(old.map((each) => [each.job.id, each]));
  const order = leavingOrder(old.map(({ job }) => job), (id) => dependents.get(id) ?? []);
  return order.map(({ id }) => byId.get(id)!);
}
