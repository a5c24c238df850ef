import type { Cancelled } from "../model/queue.ts";
import { replaceFile } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
import { isAlive } from "../machine/worker_file.ts";
import { cancelJobs } from "../rules/cancel.ts";
import type { Store } from "./store.ts";

/**
 * Gives jobs up, whether they wait or run, all or none; a running one is ended by its worker.
 */
export async function cancel(store: Store, ids: readonly string[]): Promise<Cancelled> {
  const done = await store.transact((view) => cancelJobs(view, ids));
  for (const { worker, run } of done.jobs) {
    if (worker === undefined || run === undefined || !isAlive(store.paths, worker)) continue;
    replaceFile(workerPaths(store.paths, worker).cancel, `${run}\n`, store.owner);
  }
  return done;
}
