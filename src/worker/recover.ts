/**
 * What dead and frozen workers left: their gates are closed, then their processes ended, then
 * their runs settled. So no job ever runs twice at a time, whoever wakes up when.
 */
import type { Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import type { WorkerEvent } from "./events.ts";
import { onFinishRun } from "./on_finish.ts";
import { endTree } from "./process_tree.ts";

/**
 * Recovers every lost run once.
 *
 * @param alive ids of workers that are known to live
 * @param clock milliseconds since 1970
 */
export async function recover(
  queue: Queue,
  alive: readonly string[],
  clock: () => number,
  onEvent: (event: WorkerEvent) => void,
): Promise<void> {
  const found = await queue.lostWorkers(alive);
  try {
    for (const lost of found) {
      lost.closeGate();
      if (lost.local) await endTree(onFinishRun(lost.id), undefined);
      for (const job of lost.runs) {
        const run = job.run ?? "";
        if (lost.local && run !== "") await endTree(run, undefined);
        const after = await queue.settleLost({ id: job.id, run });
        if (after) onEvent(recovered(lost.id, job, after, new Date(clock()).toISOString()));
      }
      await lost.forget();
    }
  } finally {
    for (const lost of found) lost.release();
  }
}

function recovered(worker: string, before: Job, after: Job, time: string): WorkerEvent {
  return {
    time,
    worker,
    event: after.state === "cancelled" ? "cancelled" : "recovered",
    job: before.id,
    attempt: before.attempts,
    attempts_max: before.max_retries + 1,
    ...(after.state === "failed" && after.run_at ? { retry_at: after.run_at } : {}),
  };
}
