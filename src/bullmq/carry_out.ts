/**
 * From the events of a pure change to what is done with the jobs on the server.
 *
 * Promises:
 * - A job that changes its place stands in the new one before it leaves the old one: whoever is
 *   killed in between leaves it in both. Then what stands in the queue counts, and the copy on the
 *   shelf goes when the job does. None is lost.
 * - Of several who end a job at once, without a run, or delete it, one has done it.
 * - What the engine has done with a job meanwhile is not undone: it refuses, and so does this.
 */
import { QueueError } from "../model/errors.ts";
import { isEnded, type Job } from "../model/job.ts";
import type { Unfit } from "../model/queue.ts";
import { alone } from "./alone.ts";
import type { QueueEvent } from "../rules/records.ts";
import { forgetDependencies, noteDependencies, promote, rouseDependents } from "./dependents.ts";
import { type Engine, type EngineQueue, isRefusal, type Shelf } from "./engine.ts";
import { type Found, type Loaded, queueOf } from "./jobs.ts";
import {
  dataAgain,
  dataOf,
  engineId,
  enginePriority,
  type Held,
  MOST_PRIORITY,
  optionsOf,
  runOf,
} from "./record.ts";
import { askToCancel } from "./requests.ts";

/** What a change is carried out with. */
export interface Hand {
  readonly engine: Engine;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly makeNonce: () => string;
}

/**
 * Carries out what happened to jobs that are there already.
 *
 * @param unfit whether to leave jobs as they are with which the engine has done something else meanwhile
 * @param onDone told of each job with which it is done
 * @throws {QueueError} `conflict` at the first of them, if they are not left
 */
export async function carryOut(
  hand: Hand,
  { found }: Loaded,
  events: readonly QueueEvent[],
  unfit: Unfit = "refuse",
  onDone: (id: string) => void = () => {},
): Promise<void> {
  for (const event of events) {
    try {
      if ("put" in event) await change(hand, found.get(event.put.id)!, event.put);
      else if ("drop" in event) await drop(hand, found.get(event.drop)!);
      onDone(idOf(event));
    } catch (thrown) {
      const error = isRefusal(thrown) ? overtaken(idOf(event)) : thrown;
      const isLate = error instanceof QueueError && error.code === "conflict";
      if (!isLate || unfit === "refuse") throw error;
    }
  }
}

function idOf(event: QueueEvent): string {
  if ("put" in event) return event.put.id;
  return "drop" in event ? event.drop : "";
}

function overtaken(id: string): QueueError {
  return new QueueError("conflict", `job '${id}' has just changed`, "look at it again");
}

async function change(hand: Hand, found: Found, after: Job): Promise<void> {
  const { engine } = hand;
  checkPriority(after);
  await noteDependencies(engine, after);
  if (isEnded(after.state) && !isEnded(found.job.state)) return await end(hand, found, after);
  if (!isEnded(after.state) && isEnded(found.job.state)) return await revive(hand, found, after);
  if (found.job.state === "failed" && after.state === "pending") return await promote(found.held);
  await edit(hand, found, after);
}

/** A job that waits goes to a shelf; one that runs is for its worker to end. */
async function end(hand: Hand, { held, place }: Found, after: Job): Promise<void> {
  const { engine, clock } = hand;
  if (place === "active") {
    await held.updateData({ ...held.data, cancelled: after.updated_at });
    return await askToCancel(engine, runOf(held));
  }
  await alone(hand, after, () => toShelf(hand, held, after));
  await rouseDependents(engine, after.id, clock());
}

/** @throws {QueueError} `conflict` if it has gone meanwhile, or a worker has taken it */
async function toShelf(hand: Hand, held: Held, after: Job): Promise<void> {
  const { engine } = hand;
  if (!await engine.queue.getJob(engineId(after.id))) throw overtaken(after.id);
  const shelf = after.state as Shelf;
  await putOnShelf(hand, shelf, after, engine.queue);
  let removed = false;
  try {
    removed = await removeHeld(held, after.id);
  } finally {
    if (!removed) await engine.shelves.get(shelf)!.remove(engineId(after.id));
  }
  if (!removed) throw overtaken(after.id);
}

/**
 * Removes a job from where it stands.
 *
 * @returns false if one sees that it was gone already
 * @throws {QueueError} `conflict` if a worker has taken it meanwhile: the engine refuses in words of its own
 */
async function removeHeld(held: Held, id: string): Promise<boolean> {
  try {
    await held.remove();
    return true;
  } catch (error) {
    const state = await held.getState();
    // One of the engines refuses to remove what is not there.
    if (state === "unknown") return false;
    throw state === "active" || state === "completed" || state === "failed" ? overtaken(id) : error;
  }
}

/** A job leaves the queue for good, with all that there is of it. */
export async function depart(
  engine: Engine,
  { held, job }: Pick<Found, "held" | "job">,
): Promise<void> {
  await removeHeld(held, job.id);
  await clearShelves(engine, job.id);
  await forgetDependencies(engine, job);
}

async function clearShelves({ shelves }: Engine, id: string): Promise<void> {
  await Promise.all([...shelves.values()].map((shelf) => shelf.remove(engineId(id))));
}

/**
 * Puts a job that has ended where it is kept, and what it has printed with it.
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
  await clearShelves(engine, job.id);
  // With a priority it stands where it is found and removed at once, however long the shelf is.
  await queue.add("job", dataOf(job, makeNonce()), { jobId: id, priority: 1 });
  if (from) await copyLogs(from, queue, id);
}

async function copyLogs(from: EngineQueue, to: EngineQueue, id: string): Promise<void> {
  const { logs } = await from.getJobLogs(id, 0, -1, true);
  for (const row of logs) await to.addJobLog(id, row);
}

async function revive({ engine, clock, makeNonce }: Hand, found: Found, after: Job): Promise<void> {
  const { held, place, shelved } = found;
  if (shelved) {
    await engine.queue.add("job", dataOf(after, makeNonce()), optionsOf(after, clock()));
    await copyLogs(queueOf(engine, found), engine.queue, engineId(after.id));
    return await held.remove();
  }
  await held.updateData(dataAgain(held, after));
  await held.retry(place as "completed" | "failed", {
    resetAttemptsMade: true,
    resetAttemptsStarted: true,
  });
}

async function edit(
  { clock }: Hand,
  { held, place, job, shelved }: Found,
  after: Job,
): Promise<void> {
  await held.updateData(shelved ? { ...held.data, record: after } : dataAgain(held, after));
  if (shelved) return;
  if ((job.priority ?? 0) !== (after.priority ?? 0)) {
    await held.changePriority({ priority: enginePriority(after) });
  }
  if (place === "delayed" && job.run_at !== after.run_at) {
    await held.changeDelay(Math.max(0, Date.parse(after.run_at ?? after.created_at) - clock()));
  }
}

async function drop(hand: Hand, found: Found): Promise<void> {
  const { engine, clock } = hand;
  const { job } = found;
  if (isEnded(job.state)) await depart(engine, found);
  else await alone(hand, job, () => depart(engine, found));
  await rouseDependents(engine, job.id, clock());
}

export function checkPriority({ id, priority = 0 }: Pick<Job, "id" | "priority">): void {
  if (Math.abs(priority) <= MOST_PRIORITY) return;
  throw new QueueError(
    "usage",
    `job '${id}' cannot have the priority ${priority} in this store`,
    `-${MOST_PRIORITY} to ${MOST_PRIORITY}`,
  );
}
