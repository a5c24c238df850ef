/**
 * What dead and frozen workers left: their gates are closed, then their processes ended, then
 * their runs settled. So no job ever runs twice at a time, whoever wakes up when; only what a frozen
 * worker of another machine or container has begun goes on until it looks at its lease.
 */
import { QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import type { LostWorker } from "../model/seat.ts";
import type { WorkerEvent } from "./events.ts";
import { onFinishRun } from "./on_finish.ts";
import { endTree } from "./process_tree.ts";

/**
 * Recovers every lost run once.
 *
 * @param alive ids of workers that are known to live
 * @param clock milliseconds since 1970
 * @throws {QueueError} `busy` if a process cannot be ended: its worker's runs are left for another time
 */
export async function recover(
  queue: Queue,
  alive: readonly string[],
  clock: () => number,
  onEvent: (event: WorkerEvent) => void,
): Promise<void> {
  const found = await queue.lostWorkers(alive);
  const stuck: string[] = [];
  const recoverOne = async (lost: LostWorker): Promise<void> => {
    try {
      lost.closeGate();
      if (lost.local && !await endProcesses(lost)) {
        stuck.push(lost.id);
        return;
      }
      for (const job of lost.runs) {
        const after = await queue.settleLost({ id: job.id, run: job.run ?? "" });
        if (after) onEvent(recovered(lost.id, job, after, new Date(clock()).toISOString()));
      }
      await lost.forget();
    } finally {
      lost.release();
    }
  };
  // All at once: a process may take ten seconds to end, and the others need not wait for that.
  const ends = await Promise.allSettled(found.map(recoverOne));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  if (stuck.length > 0) {
    throw new QueueError(
      "busy",
      `what ${stuck.join(", ")} ran cannot be ended; the jobs wait until it has`,
      "look for processes that hang, or belong to somebody else",
    );
  }
}

/** False if something was left. */
async function endProcesses({ id, runs }: LostWorker): Promise<boolean> {
  const marks = [onFinishRun(id), ...runs.flatMap(({ run }) => run ?? [])];
  const ended = await Promise.all(marks.map((mark) => endTree(mark)));
  return ended.every((it) => it);
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
