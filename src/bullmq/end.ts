/**
 * Ending a job without a run: it is cancelled, or buried with what it waited for.
 *
 * Promise: a cancel that was acknowledged is not lost. The job is marked first, and then it is seen
 * who has it: a worker that has it by then and puts it back looks for the mark after that.
 */
import { isEnded, type Job } from "../model/job.ts";
import { cancelled } from "../model/transitions.ts";
import { lean } from "../rules/lean.ts";
import { afterEvent } from "../rules/records.ts";
import { alone, overtaken } from "./alone.ts";
import { rouseDependents } from "./dependents.ts";
import type { Engine, Shelf } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { findJob, type Found } from "./jobs.ts";
import { engineId, runOf, type StoredJob } from "./record.ts";
import { removeStored } from "./remove_stored.ts";
import { askToCancel } from "./requests.ts";
import { putOnShelf } from "./shelf.ts";

/** What a change has come to: done, or asked of the worker that runs the job. */
export type Done = "done" | "asked";

/** A job that waits goes to a shelf; one that runs is for its worker to end. */
export async function end(hand: Hand, found: Found, after: Job): Promise<Done> {
  const { engine, clock } = hand;
  const isCancel = after.state === "cancelled";
  const done = await alone(hand, after, async (): Promise<Done> => {
    if (isCancel) await mark(engine, after);
    // From here on no run of it can begin: what is seen now is what counts.
    const { stored, place, job } = await unfinished(engine, after.id);
    if (place !== "active") {
      return await toShelf(hand, stored, afterEvent(job, lean(found.job, after))!);
    }
    if (!isCancel) throw overtaken(after.id);
    await askToCancel(engine, runOf(stored));
    return "asked";
  });
  await rouseDependents(engine, after.id, clock());
  return done;
}

async function mark(engine: Engine, { id, updated_at }: Job): Promise<void> {
  const { stored } = await unfinished(engine, id);
  await stored.updateData({ ...stored.data, cancelled: updated_at });
}

/** @throws {QueueError} `conflict` if the job is gone, or has ended */
async function unfinished(engine: Engine, id: string): Promise<Found> {
  const found = await findJob(engine, id);
  if (!found || found.shelved || isEnded(found.job.state) && found.place !== "active") {
    throw overtaken(id);
  }
  return found;
}

/** @throws {QueueError} `conflict` if it has gone meanwhile, or a worker has taken it to run it */
async function toShelf(hand: Hand, stored: StoredJob, after: Job): Promise<Done> {
  const { engine } = hand;
  const shelf = after.state as Shelf;
  await putOnShelf(hand, shelf, after, engine.queue);
  const removed = await removeStored(stored);
  if (removed === "removed") return "done";
  // A worker has taken it since it was marked, and ends it, or has: it puts it on the shelf itself.
  if (shelf === "cancelled") return "asked";
  await engine.shelves.get(shelf)!.remove(engineId(after.id));
  throw overtaken(after.id);
}

/**
 * Ends a job that waits again if it was cancelled while a worker had it.
 *
 * @returns it as it has ended; undefined if it goes on
 */
export async function endIfCancelled(hand: Hand, { id }: Job): Promise<Job | undefined> {
  const { engine } = hand;
  const stored = await engine.queue.getJob(engineId(id)) as StoredJob | undefined;
  if (stored?.data.cancelled === undefined) return undefined;
  return await alone(hand, stored.data.record, async () => {
    const found = await findJob(engine, id);
    const since = found?.stored.data.cancelled;
    // Whoever cancelled it has ended it meanwhile, or a worker that has taken it again does.
    if (!found || found.shelved || found.place === "active" || since === undefined) {
      return undefined;
    }
    const after = cancelled(found.job, since);
    return await toShelf(hand, found.stored, after) === "done" ? after : undefined;
  });
}
