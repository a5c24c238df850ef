/** Queues for tests: a clock that is moved by hand, and what was warned of. */
import { openFilesQueue } from "../../src/files/queue.ts";
import { Store, type StoreOptions } from "../../src/files/store.ts";
import type { Job, NewJob } from "../../src/model/job.ts";
import type { Queue } from "../../src/model/queue.ts";
import type { Claim, Seat } from "../../src/model/seat.ts";
import type { Outcome } from "../../src/model/transitions.ts";

export const START = Date.parse("2030-01-01T00:00:00.000Z");

/** A clock that stands still until it is moved. */
export class Clock {
  now = START;
  readonly read = (): number => this.now;

  advance(seconds: number): void {
    this.now += seconds * 1000;
  }
}

export interface TestEnvironment extends StoreOptions {
  readonly time: Clock;
  readonly warnings: string[];
}

export function testEnvironment(more: Partial<StoreOptions> = {}): TestEnvironment {
  const time = new Clock();
  const warnings: string[] = [];
  return {
    time,
    warnings,
    clock: time.read,
    random: () => 0.5,
    warn: (sentence) => warnings.push(sentence),
    // What is kept of a long queue is asked for of short ones too.
    ...(more.keep === undefined ? {} : { longBytes: 0 }),
    ...more,
  };
}

/** Opens a queue, hands it over, closes it. */
export async function withQueue<T>(
  directory: string,
  work: (queue: Queue, environment: TestEnvironment) => Promise<T>,
  environment = testEnvironment(),
): Promise<T> {
  const queue = await openFilesQueue(directory, environment);
  try {
    return await work(queue, environment);
  } finally {
    await queue.close();
  }
}

/** Opens a store, hands it over, closes it without a checkpoint. */
export async function withStore<T>(
  directory: string,
  work: (store: Store, environment: TestEnvironment) => Promise<T> | T,
  environment = testEnvironment(),
): Promise<T> {
  const store = await Store.open(directory, environment);
  try {
    return await work(store, environment);
  } finally {
    store.close();
  }
}

export function add(queue: Queue, ...jobs: NewJob[]): Promise<readonly string[]> {
  return queue.enqueue(jobs, { ifAbsent: false }).then(({ ids }) => ids);
}

/** Claims a job; fails if there is none. */
export async function take(seat: Seat): Promise<Job> {
  const claim = await seat.claim();
  if (claim.kind !== "job") throw new Error("nothing to claim");
  return claim.job;
}

export function nothing(claim: Claim): Extract<Claim, { kind: "nothing" }> {
  if (claim.kind === "job") throw new Error(`claimed ${claim.job.id}`);
  return claim;
}

export const SUCCESS: Outcome = { kind: "exited", exit_code: 0 };
export const FAILURE: Outcome = { kind: "exited", exit_code: 1 };

/** Claims the next job and settles it at once. */
export async function runNext(seat: Seat, outcome: Outcome): Promise<Job> {
  const job = await take(seat);
  const settled = await seat.settle({ id: job.id, run: job.run! }, outcome, false);
  return settled.job!;
}

export async function jobOf(queue: Queue, id: string): Promise<Job> {
  const [job] = await queue.get([id]);
  return job!;
}
