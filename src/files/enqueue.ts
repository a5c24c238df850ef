/**
 * Promises:
 * 7. An acknowledged enqueue (its ids were returned as confirmed) is on disk and survives a power cut.
 */
import { QueueError, usage } from "../model/errors.ts";
import { type NewJob, newRecord } from "../model/job.ts";
import type { Enqueued } from "../model/queue.ts";
import type { QueueEvent, Records } from "./records.ts";
import type { Change, Store, View } from "./store.ts";

/** What the change needs besides the queue. */
export interface EnqueueOptions {
  /** An id that is there already is a quiet success. */
  readonly ifAbsent: boolean;
  readonly makeId: () => string;
}

/** Adds jobs: all of them or, when one cannot be, none. */
export async function enqueue(
  store: Store,
  jobs: readonly NewJob[],
  options: EnqueueOptions,
): Promise<Enqueued> {
  const ids = await store.transact((view) => addJobs(view, jobs, options));
  try {
    store.sync();
    return { ids, confirmed: true };
  } catch {
    return { ids, confirmed: false };
  }
}

/** The pure change. */
export function addJobs(
  view: View,
  jobs: readonly NewJob[],
  { ifAbsent, makeId }: EnqueueOptions,
): Change<readonly string[]> {
  const { records, now, config } = view;
  const batch = new Map<string, NewJob>();
  const events: QueueEvent[] = [];
  const ids = jobs.map((job) => {
    const id = job.id ?? makeId();
    if (batch.has(id)) {
      if (ifAbsent) return id;
      throw new QueueError("conflict", `the id '${id}' is given twice`);
    }
    const existing = records.get(id);
    if (existing) {
      if (ifAbsent) return id;
      throw new QueueError(
        "conflict",
        `job '${id}' exists already (${existing.state})`,
        "choose another id, or use --if-absent to leave it at that",
      );
    }
    batch.set(id, job);
    const seq = view.next + events.length;
    events.push({ put: newRecord(job, { id, seq, now, maxRetries: config.max_retries }) });
    return id;
  });
  for (const [id, job] of batch) {
    for (const dependency of job.depends_on ?? []) checkDependency(records, batch, id, dependency);
  }
  refuseCycles(batch);
  return { events, result: ids };
}

function checkDependency(
  records: Records,
  batch: ReadonlyMap<string, NewJob>,
  id: string,
  dependency: string,
): void {
  if (batch.has(dependency)) return;
  const state = records.get(dependency)?.state;
  if (state === undefined) {
    throw new QueueError(
      "not_found",
      `job '${id}' depends on '${dependency}', which does not exist`,
    );
  }
  if (state === "dead" || state === "cancelled") {
    throw new QueueError("conflict", `job '${id}' depends on '${dependency}', which is ${state}`);
  }
}

/** Only jobs that are enqueued together can wait for each other in a circle. */
function refuseCycles(batch: ReadonlyMap<string, NewJob>): void {
  const done = new Set<string>();
  for (const start of batch.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    // An explicit stack: a chain of many thousand jobs is nothing unusual.
    const stack: { readonly id: string; readonly leave: boolean }[] = [{ id: start, leave: false }];
    for (let step = stack.pop(); step; step = stack.pop()) {
      const { id, leave } = step;
      if (leave) {
        path.pop();
        onPath.delete(id);
        done.add(id);
        continue;
      }
      if (onPath.has(id)) {
        const circle = [...path.slice(path.indexOf(id)), id].join(" -> ");
        throw usage(`the jobs wait for each other in a circle: ${circle}`);
      }
      const dependencies = batch.get(id)?.depends_on;
      if (done.has(id) || !dependencies) continue;
      path.push(id);
      onPath.add(id);
      stack.push({ id, leave: true });
      for (const dependency of dependencies) stack.push({ id: dependency, leave: false });
    }
  }
}
