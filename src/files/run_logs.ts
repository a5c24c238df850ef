/** The logs of a job's runs, as files. */
import { removeIfThere } from "../machine/io.ts";
import { logAt } from "../machine/log.ts";
import { runLogPath } from "../machine/paths.ts";
import { type Job, runsOf } from "../model/job.ts";
import type { RunFilter, RunLog } from "../model/queue.ts";
import type { Change, View } from "../rules/change.ts";
import { findRun } from "../rules/find_run.ts";
import type { Records } from "../rules/records.ts";
import type { Paths } from "./paths.ts";
import type { Store } from "./store.ts";

/** Where the output of a job's run is: of the runs that the filter lets pass, the last. */
export function findLog(
  records: Records,
  paths: Paths,
  id: string,
  filter: RunFilter,
): RunLog | undefined {
  const job = records.find(id);
  const found = findRun(job, filter);
  return found && { run: found.run, log: logAt(runLogPath(paths, job.id, found.run)) };
}

/** Makes a change by which jobs are gone, and removes their logs too. */
export async function dropJobs(
  store: Store,
  change: (view: View) => Change<readonly Job[]>,
): Promise<readonly Job[]> {
  const jobs = await store.transact(change);
  removeLogs(store.paths, jobs);
  return jobs;
}

/** Removes the logs of jobs that are gone. */
export function removeLogs(paths: Paths, jobs: readonly Job[]): void {
  for (const job of jobs) {
    for (const { run } of runsOf(job)) removeIfThere(runLogPath(paths, job.id, run));
  }
}
