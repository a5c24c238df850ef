/** Where jobs are kept that have ended without a run, with what they have printed. */
import type { Job } from "../model/job.ts";
import type { Engine, EngineQueue, Shelf } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { dataOf, engineId } from "./record.ts";

/** Removes what stands of a job on any shelf, but on that to keep. */
export async function clearShelves({ shelves }: Engine, id: string, kept?: Shelf): Promise<void> {
  const others = [...shelves].filter(([name]) => name !== kept);
  await Promise.all(others.map(([, shelf]) => shelf.remove(engineId(id))));
}

/**
 * Puts a job that has ended where it is kept, and what it has printed with it. At no moment it stands
 * on no shelf if it stood on one before.
 *
 * @param from where it was before, if it was anywhere
 */
export async function putOnShelf(
  { engine, makeNonce }: Hand,
  shelf: Shelf,
  job: Job,
  from?: EngineQueue,
): Promise<void> {
  const queue = engine.shelves.get(shelf)!;
  const id = engineId(job.id);
  const data = dataOf(job, makeNonce());
  const left = await queue.getJob(id);
  if (left) {
    await left.clearLogs();
    await left.updateData(data);
  } else {
    // With a priority it stands where it is found and removed at once, however long the shelf is.
    await queue.add("job", data, { jobId: id, priority: 1 });
  }
  if (from) await copyLogs(from, queue, id);
  await clearShelves(engine, job.id, shelf);
}

/** Copies what a job has printed to another queue, where the job stands already. */
export async function copyLogs(from: EngineQueue, to: EngineQueue, id: string): Promise<void> {
  const { logs } = await from.getJobLogs(id, 0, -1, true);
  for (const row of logs) await to.addJobLog(id, row);
}
