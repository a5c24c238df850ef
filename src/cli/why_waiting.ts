import { isNotFound } from "../model/errors.ts";
import { isWaiting, type Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { relativeTime } from "./job_cells.ts";

/**
 * What a job waits for: its time, other jobs, the queue, a worker; or only its turn.
 *
 * @param now milliseconds since 1970
 * @returns undefined if it does not wait
 */
export async function whyWaiting(
  queue: Queue,
  job: Job,
  now: number,
): Promise<string | undefined> {
  if (!isWaiting(job.state)) return undefined;
  const isLater = job.run_at !== undefined && Date.parse(job.run_at) > now;
  const { paused, workers } = await queue.status();
  const reasons = [
    ...isLater ? [`its time, ${relativeTime(job.run_at!, now)}`] : [],
    ...await unmetOf(queue, job),
    ...paused ? ["`queuectl resume`, as the queue is paused"] : [],
    ...workers.some(({ alive }) => alive) ? [] : ["a worker, as none runs"],
  ];
  return reasons.length === 0 ? "its turn" : reasons.join("; ");
}

async function unmetOf(queue: Queue, { depends_on = [] }: Job): Promise<readonly string[]> {
  const found = await Promise.all(depends_on.map((id) => ifThere(queue, id)));
  return found.flatMap((job) =>
    job && job.state !== "completed" ? [`${job.id}, which is ${job.state}`] : []
  );
}

/** One that is gone holds nothing back. */
async function ifThere(queue: Queue, id: string): Promise<Job | undefined> {
  try {
    return (await queue.get([id]))[0];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
