import { QueueError } from "../model/errors.ts";
import type { RunFilter, RunLog } from "../model/queue.ts";
import { logAt } from "./log.ts";
import { type Paths, runLogPath } from "./paths.ts";
import type { Records } from "./records.ts";
import { runsOf } from "./run_logs.ts";

/**
 * Where the output of a job's run is: of the runs that the filter lets pass, the last.
 *
 * @returns undefined if the job has not run yet
 * @throws {QueueError} `not_found` if it has run, but not so
 */
export function findLog(
  records: Records,
  paths: Paths,
  id: string,
  { attempt, run }: RunFilter,
): RunLog | undefined {
  const job = records.find(id);
  const wanted = runsOf(job).findLast((each) =>
    (attempt === undefined || each.attempt === attempt) && (run === undefined || each.run === run)
  );
  if (wanted) return { run: wanted.run, log: logAt(runLogPath(paths, job.id, wanted.run)) };
  if (run !== undefined) {
    throw new QueueError("not_found", `job '${job.id}' has had no run '${run}'`);
  }
  if (attempt !== undefined) {
    throw new QueueError("not_found", `job '${job.id}' has had no attempt ${attempt}`);
  }
  return undefined;
}
