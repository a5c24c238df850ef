import { QueueError } from "../model/errors.ts";
import { type Job, type Run, runsOf } from "../model/job.ts";
import type { RunFilter } from "../model/log.ts";

/**
 * Of a job's runs that the filter lets pass, the last.
 *
 * @returns undefined if the job has not run yet
 * @throws {QueueError} `not_found` if it has run, but not so
 */
export function findRun(job: Job, { attempt, run }: RunFilter): Run | undefined {
  const wanted = runsOf(job).findLast((each) =>
    (attempt === undefined || each.attempt === attempt) && (run === undefined || each.run === run)
  );
  if (wanted) return wanted;
  if (run !== undefined) {
    throw new QueueError("not_found", `job '${job.id}' has had no run '${run}'`);
  }
  if (attempt !== undefined) {
    throw new QueueError(
      "not_found",
      `there is no attempt ${attempt} in the history of job '${job.id}'`,
      attempt <= job.attempts ? "of the oldest runs nothing is kept" : undefined,
    );
  }
  return undefined;
}
