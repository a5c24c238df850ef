import { QueueError } from "../model/errors.ts";
import { isEnded, type Job } from "../model/job.ts";
import { cancelled } from "../model/transitions.ts";
import { buryDependents } from "./bury_dependents.ts";
import { replaceFile } from "./io.ts";
import { workerPaths } from "./paths.ts";
import { distinct } from "./records.ts";
import type { Change, Store, View } from "./store.ts";
import { isAlive } from "./worker_file.ts";

/**
 * Gives jobs up, whether they wait or run, all or none; a running one is ended by its worker.
 *
 * @returns the jobs as they were
 */
export async function cancel(store: Store, ids: readonly string[]): Promise<readonly Job[]> {
  const jobs = await store.transact((view) => cancelJobs(view, ids));
  for (const { worker, run } of jobs) {
    if (worker === undefined || run === undefined || !isAlive(store.paths, worker)) continue;
    replaceFile(workerPaths(store.paths, worker).cancel, `${run}\n`, store.owner);
  }
  return jobs;
}

/** The pure change. */
export function cancelJobs(view: View, ids: readonly string[]): Change<readonly Job[]> {
  const { records, now } = view;
  const jobs = distinct(ids.map((id) => records.find(id)));
  const ended = jobs.find((job) => isEnded(job.state));
  if (ended) {
    throw new QueueError("conflict", `cannot cancel job '${ended.id}' as it is ${ended.state}`);
  }
  const given = jobs.map((job) => cancelled(job, now));
  return {
    events: [...given.map((job) => ({ put: job })), ...buryDependents(records, given, now)],
    result: jobs,
  };
}
