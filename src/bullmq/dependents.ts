/**
 * Which jobs wait for a job. BullMQ lets a job have one parent only, so a job that waits for others
 * looks for itself whether they have ended, whenever it would be its turn: if not, it is put off
 * for a while. Who ends a job has those that wait for it look at once; a look that was lost with
 * who should have asked for it comes with the next.
 */
import type { Job } from "../model/job.ts";
import type { Engine } from "./engine.ts";
import type { Notes } from "./notes.ts";
import { engineId, type StoredJob } from "./record.ts";
import { noteDependents } from "./settings.ts";

/** What is noted under a job's name: who waits for it. */
function notesOf(engine: Engine, id: string): Notes {
  return engine.notes(`dependents-${engineId(id)}`);
}

/** Notes, before a job is there, what it waits for. */
export async function noteDependencies(engine: Engine, job: Job): Promise<void> {
  if (!job.depends_on?.length) return;
  await noteDependents(engine);
  for (const id of job.depends_on) await notesOf(engine, id).set(job.id, "1");
}

/** The ids of the jobs that were said to wait for this one. */
export async function dependentsOf(engine: Engine, id: string): Promise<readonly string[]> {
  return Object.keys(await notesOf(engine, id).all());
}

/** Forgets that a job which is gone has waited for others. Those that wait for it are still there. */
export async function forgetDependencies(engine: Engine, job: Job): Promise<void> {
  for (const id of job.depends_on ?? []) await notesOf(engine, id).remove([job.id]);
}

/** Forgets who waits for a job, when nobody is left. */
export async function forgetDependents(engine: Engine, id: string): Promise<void> {
  const notes = notesOf(engine, id);
  await notes.remove(Object.keys(await notes.all()));
}

/** The shortest and the longest time until a job that was put off looks again, in milliseconds. */
const SHORTEST_MS = 2_000;
const LONGEST_MS = 300_000;

/**
 * How long a job that waits for others is put off: a quarter of the time that it has waited, so that
 * many jobs that wait for long cost little.
 *
 * @param waited milliseconds
 * @returns whole milliseconds, as not every engine takes parts of one
 */
export function putOffFor(waited: number): number {
  return Math.round(Math.min(Math.max(waited / 4, SHORTEST_MS), LONGEST_MS));
}

/** Has the jobs that wait for a job look whether it is their turn, unless they wait for a time too. */
export async function rouseDependents(engine: Engine, id: string, now: number): Promise<void> {
  for (const dependent of await dependentsOf(engine, id)) {
    const stored = await engine.queue.getJob(engineId(dependent)) as StoredJob | undefined;
    if (!stored || Date.parse(stored.data.record.run_at ?? "") > now) continue;
    if (await stored.getState() === "delayed") await promote(stored);
  }
}

/** Makes a job due; if it is so already, all the better. */
export async function promote(stored: StoredJob): Promise<void> {
  try {
    await stored.promote();
  } catch (error) {
    if (await stored.getState() === "delayed") throw error;
  }
}
