import { QueueError } from "../model/errors.ts";
import type { RunLog } from "../model/queue.ts";
import { type Paths, runLogPath } from "./paths.ts";
import type { Records } from "./records.ts";

/**
 * Where the output of a job's run is: the last run with this attempt number, or the last of all.
 *
 * @returns undefined if the job has not run yet
 * @throws {QueueError} `not_found` if there was no such attempt
 */
export function findLog(
  records: Records,
  paths: Paths,
  id: string,
  attempt: number | undefined,
): RunLog | undefined {
  const job = records.find(id);
  const runs = (job.history ?? []).map(({ run, attempt }) => ({ run, attempt }));
  if (job.state === "processing" && job.run) runs.push({ run: job.run, attempt: job.attempts });
  const wanted = runs.findLast((run) => attempt === undefined || run.attempt === attempt);
  if (!wanted && attempt !== undefined) {
    throw new QueueError("not_found", `job '${job.id}' has had no attempt ${attempt}`);
  }
  return wanted && { run: wanted.run, path: runLogPath(paths, job.id, wanted.run), job };
}
