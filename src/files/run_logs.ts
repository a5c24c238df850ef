/** The logs of a job's runs, as files. */
import { removeIfThere } from "../machine/io.ts";
import { logAt } from "../machine/log.ts";
import { runLogPath } from "../machine/paths.ts";
import { type Job, runsOf } from "../model/job.ts";
import { reasonOf } from "../model/errors.ts";
import type { RunFilter, RunLog } from "../model/log.ts";
import type { RunKey } from "../model/seat.ts";
import type { Change, View } from "../rules/change.ts";
import { findRun } from "../rules/find_run.ts";
import type { Records } from "../rules/records.ts";
import type { Paths } from "./paths.ts";
import type { Store } from "./store.ts";
import { nameSome } from "../model/text.ts";

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
  removeLogs(store, jobs);
  return jobs;
}

/** Removes the logs of jobs that are gone. */
export function removeLogs(store: Store, jobs: readonly Job[]): void {
  removeLogsOf(store, jobs.flatMap((job) => runsOf(job).map(({ run }) => ({ id: job.id, run }))));
}

/** Removes the logs of these runs. What is done is done: one that cannot be removed is told of. */
export function removeLogsOf({ paths, environment }: Store, runs: readonly RunKey[]): void {
  const left: string[] = [];
  let why = "";
  for (const { id, run } of runs) {
    const path = runLogPath(paths, id, run);
    try {
      removeIfThere(path);
    } catch (error) {
      left.push(path);
      why = reasonOf(error);
    }
  }
  if (left.length === 0) return;
  environment.warn(`done, but ${nameSome(left, 1)} could not be removed: ${why}`);
}
