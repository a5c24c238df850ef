/** Moving jobs from one queue to another. */
import { isEnded, type Job } from "../model/job.ts";
import type { Log } from "../model/queue.ts";
import { isHere } from "../rules/take_over.ts";
import { checkPriority, type Hand, putOnShelf } from "./carry_out.ts";
import { forgetDependents } from "./dependents.ts";
import { addAll } from "./enqueue.ts";
import type { Engine, Shelf } from "./engine.ts";
import { findJob } from "./jobs.ts";
import { engineId } from "./record.ts";
import { sendLog } from "./run_log.ts";

/** Takes over whole records: those that wait into the queue, those that have ended onto the shelves. */
export async function takeOver(hand: Hand, jobs: readonly Job[]): Promise<void> {
  const fresh: Job[] = [];
  for (const job of jobs) {
    checkPriority(job);
    if (!isHere(job, (await findJob(hand.engine, job.id))?.job)) fresh.push(job);
  }
  for (const job of fresh.filter(({ state }) => isEnded(state))) {
    await putOnShelf(hand, job.state as Shelf, job);
  }
  await addAll(hand, fresh.filter(({ state }) => !isEnded(state)), () => true, false);
}

/** Takes over what a run of such a job has printed. */
export async function takeOverLog(
  engine: Engine,
  id: string,
  run: string,
  log: Log,
): Promise<void> {
  const found = await findJob(engine, id);
  if (!found) return;
  const queue = found.shelved ? engine.shelves.get(found.place as Shelf)! : engine.queue;
  const { logs } = await queue.getJobLogs(engineId(id), 0, -1, true);
  if (!logs.some((row) => row.includes(JSON.stringify(run)))) await sendLog(queue, id, run, log, 0);
}

/** Jobs that another queue has taken over are gone from here. */
export async function handOver(engine: Engine, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    for (const queue of [engine.queue, ...engine.shelves.values()]) {
      await queue.remove(engineId(id));
    }
    await forgetDependents(engine, id);
  }
}
