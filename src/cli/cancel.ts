import type { Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { recover } from "../worker/recover.ts";
import type { Context } from "./context.ts";
import { describeBuried } from "./describe_buried.ts";
import { idsOf } from "./ids_of.ts";
import { printIds } from "./output.ts";

/** `cancel`: gives jobs up, whether they wait or run; prints their ids. */
export default async function cancel(
  this: Context,
  _flags: Record<never, never>,
  ...words: string[]
): Promise<void> {
  await this.withQueue(async (queue) => {
    const { jobs, buried } = await queue.cancel(await idsOf(queue, words));
    printIds(this.stdout, jobs);
    if (buried.length > 0) this.warn(describeBuried(buried));
    if (await isOrphaned(queue, jobs)) await recover(queue, [], this.clock, () => {});
  });
}

/** True if a run's worker is dead, so that nobody else is there to end its processes. */
async function isOrphaned(queue: Queue, jobs: readonly Job[]): Promise<boolean> {
  const running = jobs.filter((job) => job.state === "processing");
  if (running.length === 0) return false;
  const alive = (await queue.workers()).filter((worker) => worker.alive).map(({ id }) => id);
  return running.some(({ worker }) => !alive.includes(worker ?? ""));
}
