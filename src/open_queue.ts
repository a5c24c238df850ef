/** From a location to a queue. BullMQ is loaded only for a queue on a server. */
import { enqueueOnly as enqueueInFiles } from "./files/enqueue_only.ts";
import { openFilesQueue } from "./files/queue.ts";
import type { Environment } from "./model/environment.ts";
import type { NewJob } from "./model/job.ts";
import type { Location } from "./model/location.ts";
import type { Examination } from "./model/examination.ts";
import type { Enqueued, Queue } from "./model/queue.ts";
import type { Keep } from "./rules/records.ts";

/** What a queue is opened with. */
export interface OpenOptions extends Environment {
  /** What it is for decides how much of a long queue is kept in memory. */
  readonly purpose: Purpose;
}

/**
 * A command keeps every job in memory, one that only looks all but the older completed ones, and a
 * supervisor what a worker keeps.
 */
export type Purpose = "command" | "look" | "supervisor";

/** How many of the newest jobs one sees without reading all of a long queue. */
const LOOKED_AT = 200;

const KEEP: Readonly<Record<Purpose, Keep>> = {
  command: "all",
  look: { newest: LOOKED_AT },
  supervisor: "unfinished",
};

/**
 * Opens the queue at a location.
 *
 * @throws {QueueError} `corrupt` if its files cannot be understood, `busy` if they stay locked,
 * `internal` if its server cannot be reached
 */
export async function openQueue(location: Location, options: OpenOptions): Promise<Queue> {
  const { directory, store } = location;
  if (store !== undefined) {
    const { openBullQueue } = await import("./bullmq/queue.ts");
    return await openBullQueue(directory, store, options);
  }
  return await openFilesQueue(directory, { ...options, keep: KEEP[options.purpose] });
}

/**
 * Enqueues jobs in the queue at a location, and does nothing else: as cheaply as that can be done.
 *
 * @throws {QueueError} as {@link openQueue} and `Queue.enqueue`
 */
export async function enqueueOnly(
  location: Location,
  options: Environment,
  jobs: readonly NewJob[],
  how: { readonly ifAbsent: boolean },
): Promise<Enqueued> {
  if (location.store === undefined) {
    return await enqueueInFiles(location.directory, options, jobs, how);
  }
  const queue = await openQueue(location, { ...options, purpose: "command" });
  try {
    return await queue.enqueue(jobs, how);
  } finally {
    await queue.close();
  }
}

/**
 * Looks at the files of the queue in a directory, damaged or not.
 *
 * @param clock milliseconds since 1970
 * @param onProgress told how many of a file's jobs have been looked at
 */
export async function examineQueue(
  directory: string,
  clock: () => number,
  onProgress: (done: number, total: number) => void,
): Promise<Examination> {
  const { examine } = await import("./files/doctor.ts");
  return await examine(directory, { clock, onProgress });
}
