/**
 * Promises:
 * 7. An acknowledged enqueue (its ids were returned as confirmed) is on disk and survives a power cut.
 */
import type { NewJob } from "../model/job.ts";
import type { Enqueued } from "../model/queue.ts";
import { addJobs, type EnqueueOptions } from "../rules/enqueue.ts";
import type { Store } from "./store.ts";

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
