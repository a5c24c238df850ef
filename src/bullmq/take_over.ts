/** Moving jobs from one queue to another. */
import { isEnded, type Job } from "../model/job.ts";
import type { Log } from "../model/log.ts";
import { isNews } from "../rules/take_over.ts";
import { checkPriority, departAll } from "./carry_out.ts";
import { noteDependencies } from "./dependents.ts";
import { addAll } from "./enqueue.ts";
import type { Engine, Shelf } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { findAll, findJob, queueOf } from "./jobs.ts";
import { sendLog } from "./run_log.ts";
import { putOnShelf } from "./shelf.ts";

/** Takes over whole records: those that wait into the queue, those that have ended onto the shelves. */
export async function takeOver(
  hand: Hand,
  jobs: readonly Job[],
  dryRun: boolean,
): Promise<void> {
  const found = await findAll(hand.engine, jobs.map(({ id }) => id));
  for (const job of jobs) checkPriority(job);
  const fresh = jobs.filter((job) => isNews(job, found.get(job.id)?.job));
  if (dryRun) return;
  // The queue is paused: nobody takes what is replaced.
  for (const { id } of fresh) await found.get(id)?.stored.remove();
  for (const job of fresh.filter(({ state }) => isEnded(state))) {
    await noteDependencies(hand.engine, job);
    await putOnShelf(hand, job.state as Shelf, job);
  }
  await addAll(hand, fresh.filter(({ state }) => !isEnded(state)), () => true, false);
}

/** Takes over what a run of such a job has printed; goes on where it was cut off before. */
export async function takeOverLog(
  engine: Engine,
  id: string,
  run: string,
  log: Log,
): Promise<void> {
  const found = await findJob(engine, id);
  if (found) await sendLog(queueOf(engine, found), id, run, log);
}

/**
 * Jobs that another queue has taken over are gone from here, unless they have changed since.
 *
 * @returns the ids of those that were gone already
 */
export async function handOver(hand: Hand, jobs: readonly Job[]): Promise<readonly string[]> {
  const found = await findAll(hand.engine, jobs.map(({ id }) => id));
  const there = jobs.flatMap((job) => found.get(job.id) ?? []);
  const known = new Map(jobs.map(({ id, updated_at }) => [id, updated_at]));
  await departAll(hand, there.filter(({ job }) => job.updated_at === known.get(job.id)));
  return jobs.map(({ id }) => id).filter((id) => !found.has(id));
}
