/** Moving jobs from one queue to another. */
import { isEnded, type Job } from "../model/job.ts";
import type { Log } from "../model/queue.ts";
import { isNews } from "../rules/take_over.ts";
import { checkPriority, type Hand, putOnShelf } from "./carry_out.ts";
import { forgetDependents } from "./dependents.ts";
import { addAll } from "./enqueue.ts";
import type { Engine, Shelf } from "./engine.ts";
import { allIds, findJob } from "./jobs.ts";
import { engineId } from "./record.ts";
import { sendLog } from "./run_log.ts";

/** Takes over whole records: those that wait into the queue, those that have ended onto the shelves. */
export async function takeOver(
  hand: Hand,
  jobs: readonly Job[],
  dryRun: boolean,
): Promise<void> {
  const there = jobs.length > FEW ? new Set(await allIds(hand.engine)) : undefined;
  const fresh: Job[] = [];
  for (const job of jobs) {
    checkPriority(job);
    const existing = there?.has(job.id) === false ? undefined : await findJob(hand.engine, job.id);
    if (!isNews(job, existing?.job)) continue;
    fresh.push(job);
    // The queue is paused: nobody takes what is replaced.
    if (!dryRun) await existing?.held.remove();
  }
  if (dryRun) return;
  for (const job of fresh.filter(({ state }) => isEnded(state))) {
    await putOnShelf(hand, job.state as Shelf, job);
  }
  await addAll(hand, fresh.filter(({ state }) => !isEnded(state)), () => true, false);
}

/** More ids than this are not looked for one by one. */
const FEW = 20;

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
  if (!logs.some((row) => row.includes(JSON.stringify(run)))) await sendLog(queue, id, run, log);
}

/**
 * Jobs that another queue has taken over are gone from here, unless they have changed since.
 *
 * @returns the ids of those that were gone already
 */
export async function handOver(engine: Engine, jobs: readonly Job[]): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const job of jobs) {
    const found = await findJob(engine, job.id);
    if (!found) gone.push(job.id);
    else if (found.job.updated_at === job.updated_at) {
      await found.held.remove();
      await forgetDependents(engine, job.id);
    }
  }
  return gone;
}
