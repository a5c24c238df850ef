import { reasonOf } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { Cancelled, Unfit } from "../model/queue.ts";
import { removeIfThere, replaceFile } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
import { isAlive } from "../machine/worker_file.ts";
import { cancelJobs } from "../rules/cancel.ts";
import { endRuns } from "./end_runs.ts";
import type { Store } from "./store.ts";

/** Gives jobs up, whether they wait or run; a running one is ended by its worker. */
export async function cancel(
  store: Store,
  ids: readonly string[],
  unfit: Unfit | undefined,
): Promise<Cancelled> {
  const { paths } = store;
  const afterwards = ({ jobs }: Cancelled): readonly Job[] =>
    jobs.map(({ id }) => store.records.find(id));
  const done = await endRuns(store, ids, (view) => cancelJobs(view, ids, unfit), afterwards);
  for (const { worker, run } of done.jobs) {
    if (worker === undefined || run === undefined || !isAlive(paths, worker)) continue;
    try {
      askToEnd(store, worker, run);
    } catch (error) {
      // A full disk, say. The worker finds out when it prolongs the run's lease.
      const what =
        `cancelled, but ${worker} could not be told: it ends the run at its next heartbeat`;
      store.environment.warn(`${what} (${reasonOf(error)})`);
    }
  }
  return done;
}

function askToEnd({ paths, owner }: Store, worker: string, run: string): void {
  const request = workerPaths(paths, worker).cancel;
  replaceFile(request, `${run}\n`, owner);
  // Who has left meanwhile has taken away all that it knew of.
  if (!isAlive(paths, worker)) removeIfThere(request);
}
