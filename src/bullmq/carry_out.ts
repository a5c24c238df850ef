/**
 * From the events of a pure change to what is done with the jobs on the server.
 *
 * Promises:
 * - A job that changes its place stands in the new one before it leaves the old one: whoever is
 *   killed in between leaves it in both. Then what stands in the queue counts, and the copy on the
 *   shelf goes when the job does. None is lost.
 * - Of several who end, delete, revive or edit a job at once, one does so at a time, and looks at it again
 *   before: what another, or the engine, has done with it meanwhile is not undone.
 */
import { isConflict, QueueError } from "../model/errors.ts";
import { isEnded, type Job } from "../model/job.ts";
import type { Unfit } from "../model/queue.ts";
import { idOf, type QueueEvent } from "../rules/records.ts";
import { overtaken, unchanged } from "./alone.ts";
import { forgetDependencies, noteDependencies, promote, rouseDependents } from "./dependents.ts";
import { type Done, end } from "./end.ts";
import { isRefusal } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { type Found, type LoadedJobs, queueOf } from "./jobs.ts";
import { dataAgain, dataOf, engineId, enginePriority, MOST_PRIORITY, optionsOf } from "./record.ts";
import { removeStored } from "./remove_stored.ts";
import { clearShelves, copyLogs } from "./shelf.ts";

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

async function edit(hand: Hand, found: Found, after: Job): Promise<void> {
  const { stored, place, job, shelved } = found;
  await unchanged(hand, found, async () => {
    if (shelved) return await stored.updateData({ ...stored.data, record: after });
    await stored.updateData(dataAgain(stored, after));
    if ((job.priority ?? 0) !== (after.priority ?? 0)) {
      await stored.changePriority({ priority: enginePriority(after) });
    }
    if (place === "delayed" && job.run_at !== after.run_at) {
      await stored.changeDelay(
        Math.max(0, Date.parse(after.run_at ?? after.created_at) - hand.clock()),
      );
    }
  });
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
