/** What a case of the suite is given, and what the cases do again and again. */
import assert from "node:assert/strict";
import type { NewJob } from "../../src/model/job.ts";
import type { Location } from "../../src/model/location.ts";
import type { Finished, Queue } from "../../src/model/queue.ts";
import type { Claim, ClaimedJob, RunKey, Seat } from "../../src/model/seat.ts";
import type { Outcome } from "../../src/model/transitions.ts";
import { openQueue } from "../../src/open_queue.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A queue, and what a case needs to do with it. */
export interface Case {
  readonly queue: Queue;
  readonly location: Location;
  readonly finished: Finished[];
  /** The same queue, opened once more, as by another process. */
  again(): Promise<Queue>;
  /** Takes a place as a worker. */
  join(): Promise<Seat>;
  /** Enqueues jobs; returns their ids. */
  enqueue(...jobs: readonly Partial<NewJob>[]): Promise<readonly string[]>;
}

/** Cases by the sentences that they show. */
export type Cases = Readonly<Record<string, (given: Case) => Promise<void>>>;

export const OK: Outcome = { kind: "exited", exit_code: 0 };
export const FAILED: Outcome = { kind: "exited", exit_code: 3, last_line: "oh no" };

/** Opens a queue for a case, and closes what it has opened. */
export async function withCase(
  location: Location,
  body: (given: Case) => Promise<void>,
): Promise<void> {
  const finished: Finished[] = [];
  const opened: Queue[] = [];
  const seats: Seat[] = [];
  const open = async (): Promise<Queue> => {
    // Two processes have other random numbers, and so make other ids.
    const number = 0.5 / (opened.length + 1);
    const queue = await openQueue(location, {
      clock: Date.now,
      random: () => number,
      warn: () => {},
      onFinished: (told) => finished.push(told),
      purpose: "command",
    });
    opened.push(queue);
    return queue;
  };
  const queue = await open();
  const join = async (): Promise<Seat> => {
    const seat = await queue.join(`worker-${seats.length}`);
    seats.push(seat);
    return seat;
  };
  const enqueue = async (...jobs: readonly Partial<NewJob>[]): Promise<readonly string[]> => {
    const complete = jobs.map((job) => ({ command: "true", ...job }));
    return (await queue.enqueue(complete, { ifAbsent: false })).ids;
  };
  try {
    await body({ queue, location, finished, again: open, join, enqueue });
  } finally {
    for (const seat of seats) await seat.leave();
    for (const each of opened.reverse()) await each.close();
  }
}

/** What a worker names its run by. */
export function keyOf({ id, run }: ClaimedJob["job"]): RunKey {
  return { id, run: run! };
}

/** Claims a job, if there is one. */
export async function tryClaim(seat: Seat): Promise<ClaimedJob | undefined> {
  const claim: Claim = await seat.claim();
  return claim.kind === "job" ? claim : undefined;
}

/** Claims a job; fails if there is none. */
export async function claimed(seat: Seat): Promise<ClaimedJob> {
  const claim = await tryClaim(seat);
  assert.ok(claim, "there is nothing to claim");
  return claim;
}

/**
 * Runs jobs, in no time, until there are none.
 *
 * @param count that there must be so many; waits for them
 * @returns their ids, in order
 */
export async function drain(seat: Seat, count?: number, outcome = OK): Promise<readonly string[]> {
  const ids: string[] = [];
  while (count === undefined || ids.length < count) {
    const claim = count === undefined
      ? await tryClaim(seat)
      : await waitUntil(`job ${ids.length + 1} of ${count}`, () => tryClaim(seat));
    if (!claim) break;
    ids.push(claim.job.id);
    await seat.settle(keyOf(claim.job), outcome, false);
  }
  return ids;
}

/** The output of a run. */
export async function read(
  queue: Queue,
  id: string,
  filter: Parameters<Queue["findLog"]>[1],
): Promise<string> {
  const { log } = (await queue.findLog(id, filter))!;
  return new TextDecoder().decode(await log.read(0, await log.size() ?? 0));
}

/** That something is refused, with this code and sentence. */
export async function refused(
  work: () => Promise<unknown>,
  code: string,
  message: RegExp,
): Promise<void> {
  await assert.rejects(work, (error: Error & { code?: string }) => {
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
}
