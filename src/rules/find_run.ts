import { QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { RunFilter } from "../model/queue.ts";

/** A run of a job, the one that goes on or one that has ended. */
export interface Run {
  readonly run: string;
  readonly attempt: number;
}

/** Every run of a job that has left a trace in its record, the one that goes on too, in order. */
export function runsOf(job: Job): readonly Run[] {
  const ended = (job.history ?? []).map(({ run, attempt }) => ({ run, attempt }));
  const current = job.run !== undefined && !ended.some(({ run }) => run === job.run);
  return current ? [...ended, { run: job.run, attempt: job.attempts }] : ended;
}

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
    throw new QueueError("not_found", `job '${job.id}' has had no attempt ${attempt}`);
  }
  return undefined;
}
