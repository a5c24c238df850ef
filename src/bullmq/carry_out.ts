/**
 * From the events of a pure change to what is done with the jobs on the server.
 *
 * Promises:
 * - A job that changes its place stands in the new one before it leaves the old one: whoever is
 *   killed in between leaves it in both. Then what stands in the queue counts, and the copy on the
 *   shelf goes when the job does. None is lost.
 * - Of several who end, delete or revive a job at once, one does so at a time, and looks at it again
 *   before: what another, or the engine, has done with it meanwhile is not undone.
 * - A job that is cancelled is marked first: a worker that takes it from then on ends it without a run.
 */
import { isConflict, QueueError } from "../model/errors.ts";
import { isEnded, type Job } from "../model/job.ts";
import type { Unfit } from "../model/queue.ts";
import { alone } from "./alone.ts";
import { lean } from "../rules/lean.ts";
import { afterEvent, idOf, type QueueEvent } from "../rules/records.ts";
import { forgetDependencies, noteDependencies, promote, rouseDependents } from "./dependents.ts";
import { type Engine, isRefusal, type Shelf } from "./engine.ts";
import { findJob, type Found, type LoadedJobs, queueOf } from "./jobs.ts";
import {
  dataAgain,
  dataOf,
  engineId,
  enginePriority,
  MOST_PRIORITY,
  optionsOf,
  runOf,
  type StoredJob,
} from "./record.ts";
import { askToCancel } from "./requests.ts";
import { clearShelves, copyLogs, putOnShelf } from "./shelf.ts";

/** What a change is carried out with. */
export interface Hand {
  readonly engine: Engine;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly makeNonce: () => string;
}

/** What a change has come to: done, or asked of the worker that runs the job. */
export type Done = "done" | "asked";

/** How many jobs are changed at a time, where each is for itself: it takes some ten questions. */
const AT_ONCE = 10;

/**
 * Carries out what happened to jobs that are there already.
 *
 * @param unfit whether to leave jobs as they are with which something else has been done meanwhile
 * @param onDone told of each job with which it is done
 * @throws {QueueError} `conflict` at the first of them, if they are not left
 */
export async function carryOut(
  hand: Hand,
  { found }: LoadedJobs,
  events: readonly QueueEvent[],
  unfit: Unfit = "refuse",
  onDone: (id: string, how: Done) => void = () => {},
): Promise<void> {
  const carry = async (event: QueueEvent): Promise<void> => {
    const id = idOf(event) ?? "";
    try {
      if ("put" in event) onDone(id, await change(hand, found.get(id)!, event.put));
      else if ("drop" in event) onDone(id, await drop(hand, found.get(id)!));
    } catch (thrown) {
      const error = isRefusal(thrown) ? overtaken(id) : thrown;
      if (!isConflict(error) || unfit === "refuse") throw error;
    }
  };
  await forEach(events, unfit === "leave" ? AT_ONCE : 1, carry);
}

async function forEach<T>(
  items: readonly T[],
  together: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  for (let begin = 0; begin < items.length; begin += together) {
    await Promise.all(items.slice(begin, begin + together).map(work));
  }
}

function overtaken(id: string): QueueError {
  return new QueueError("conflict", `job '${id}' has just changed`, "look at it again");
}

async function change(hand: Hand, found: Found, after: Job): Promise<Done> {
  const { engine } = hand;
  checkPriority(after);
  await noteDependencies(engine, after);
  if (isEnded(after.state) && !isEnded(found.job.state)) return await end(hand, found, after);
  if (!isEnded(after.state) && isEnded(found.job.state)) await revive(hand, found, after);
  else if (found.job.state === "failed" && after.state === "pending") await promote(found.stored);
  else await edit(hand, found, after);
  return "done";
}

/** A job that waits goes to a shelf; one that runs is for its worker to end. */
async function end(hand: Hand, found: Found, after: Job): Promise<Done> {
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
    // A worker that only looked whether it is its turn has put it off, perhaps.
    if (await stored.getState() === "delayed") await promote(stored);
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

/**
 * Calls `work` when nobody else does anything of the kind with this job.
 *
 * @throws {QueueError} `conflict` if it is not any more as it was found
 */
async function unchanged(hand: Hand, found: Found, work: () => Promise<void>): Promise<void> {
  await alone(hand, found.job, async () => {
    const now = await findJob(hand.engine, found.job.id);
    const isSame = now?.place === found.place && now.shelved === found.shelved &&
      now.job.updated_at === found.job.updated_at && now.job.run === found.job.run;
    if (!isSame) throw overtaken(found.job.id);
    await work();
  });
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

/** Removes a job from where it stands, unless it is gone already, or a worker has taken it meanwhile. */
async function removeStored(stored: StoredJob): Promise<"removed" | "gone" | "taken"> {
  try {
    await stored.remove();
    return "removed";
  } catch (error) {
    // The engines refuse in words of their own; one of them also to remove what is not there.
    const state = await stored.getState();
    if (state === "unknown") return "gone";
    if (state === "active" || state === "completed" || state === "failed") return "taken";
    throw error;
  }
}

/**
 * Jobs leave the queue for good, with all that there is of them; one with which somebody has done
 * something meanwhile stays.
 *
 * @returns those that are gone
 */
export async function departAll(hand: Hand, found: readonly Found[]): Promise<readonly Found[]> {
  const gone = new Set<Found>();
  await forEach(found, AT_ONCE, async (each) => {
    try {
      await depart(hand, each);
      gone.add(each);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  });
  return found.filter((each) => gone.has(each));
}

/** @throws {QueueError} `conflict` if it is not any more as it was found */
async function depart(hand: Hand, found: Found): Promise<void> {
  const { engine } = hand;
  await unchanged(hand, found, async () => {
    if (await removeStored(found.stored) === "taken") throw overtaken(found.job.id);
    await clearShelves(engine, found.job.id);
    await forgetDependencies(engine, found.job);
  });
}

async function revive(hand: Hand, found: Found, after: Job): Promise<void> {
  const { engine, clock, makeNonce } = hand;
  const { stored, place, shelved } = found;
  await unchanged(hand, found, async () => {
    if (shelved) {
      await engine.queue.add("job", dataOf(after, makeNonce()), optionsOf(after, clock()));
      await copyLogs(queueOf(engine, found), engine.queue, engineId(after.id));
      return await stored.remove();
    }
    await stored.updateData(dataAgain(stored, after));
    await stored.retry(place as "completed" | "failed", {
      resetAttemptsMade: true,
      resetAttemptsStarted: true,
    });
  });
}

async function edit(
  { clock }: Hand,
  { stored, place, job, shelved }: Found,
  after: Job,
): Promise<void> {
  if (shelved) return await stored.updateData({ ...stored.data, record: after });
  const { cancelled } = stored.data;
  // Who has cancelled it meanwhile has the last word.
  await stored.updateData({ ...dataAgain(stored, after), ...(cancelled ? { cancelled } : {}) });
  if ((job.priority ?? 0) !== (after.priority ?? 0)) {
    await stored.changePriority({ priority: enginePriority(after) });
  }
  if (place === "delayed" && job.run_at !== after.run_at) {
    await stored.changeDelay(Math.max(0, Date.parse(after.run_at ?? after.created_at) - clock()));
  }
}

async function drop(hand: Hand, found: Found): Promise<Done> {
  await depart(hand, found);
  await rouseDependents(hand.engine, found.job.id, hand.clock());
  return "done";
}

export function checkPriority({ id, priority = 0 }: Pick<Job, "id" | "priority">): void {
  if (Math.abs(priority) <= MOST_PRIORITY) return;
  throw new QueueError(
    "usage",
    `job '${id}' cannot have the priority ${priority} in this store`,
    `-${MOST_PRIORITY} to ${MOST_PRIORITY}`,
  );
}
