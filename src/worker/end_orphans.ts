import type { Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { recover } from "./recover.ts";

/**
 * Ends the runs of cancelled jobs whose workers are dead: nobody else is there to do it.
 *
 * @param cancelled the jobs as they were before
 * @param clock milliseconds since 1970
 */
export async function endOrphans(
  queue: Queue,
  cancelled: readonly Job[],
  clock: () => number,
): Promise<void> {
  if (await areOrphaned(queue, cancelled)) await recover(queue, [], clock, () => {});
}

async function areOrphaned(queue: Queue, jobs: readonly Job[]): Promise<boolean> {
  const running = jobs.filter((job) => job.state === "processing");
  if (running.length === 0) return false;
  const alive = (await queue.workers()).filter((worker) => worker.alive).map(({ id }) => id);
  return running.some(({ worker }) => !alive.includes(worker ?? ""));
}
