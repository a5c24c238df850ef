import { QueueError } from "../model/errors.ts";
import { isEnded } from "../model/job.ts";
import type { Cancelled } from "../model/queue.ts";
import { cancelled } from "../model/transitions.ts";
import { buryDependents } from "./bury_dependents.ts";
import { replaceFile } from "./io.ts";
import { workerPaths } from "./paths.ts";
import { distinct } from "./records.ts";
import type { Change, Store, View } from "./store.ts";
import { isAlive } from "./worker_file.ts";

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

/** The pure change. */
export function cancelJobs(view: View, ids: readonly string[]): Change<Cancelled> {
  const { records, now } = view;
  const jobs = distinct(ids.map((id) => records.find(id)));
  const ended = jobs.find((job) => isEnded(job.state));
  if (ended) {
    throw new QueueError("conflict", `cannot cancel job '${ended.id}' as it is ${ended.state}`);
  }
  const given = jobs.map((job) => cancelled(job, now));
  const buried = buryDependents(records, given, now);
  return {
    events: [...given, ...buried].map((job) => ({ put: job })),
    result: { jobs, buried: buried.map(({ id }) => id) },
  };
}
