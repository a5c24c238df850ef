/** From a location to a queue. */
import { enqueueOnly as enqueueInFiles, openFilesQueue } from "./files/queue.ts";
import type { NewJob } from "./model/job.ts";
import type { Enqueued, Examination, Finished, Queue } from "./model/queue.ts";

/** What a queue is given from outside. */
export interface OpenOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** Says something to people that is no error. */
  readonly warn: (sentence: string) => void;
  /** Told of jobs that have ended by what this process did, if `on_finish` is set. */
  readonly onFinished?: (finished: Finished) => void;
  /**
   * A worker's thread keeps no ended jobs in memory, and leaves it to its supervisor to bring the
   * JSON files up to date.
   */
  readonly purpose: "command" | "worker";
}

/**
 * Opens the queue at a location.
 *
 * @param location a directory
 * @throws {QueueError} `corrupt` if its files cannot be understood, `busy` if they stay locked
 */
export function openQueue(location: string, options: OpenOptions): Promise<Queue> {
  const isCommand = options.purpose === "command";
  return openFilesQueue(
    location,
    { ...options, keep: isCommand ? "all" : "unfinished" },
    isCommand,
  );
}

/**
 * Enqueues jobs in the queue at a location, and does nothing else: as cheaply as that can be done.
 *
 * @throws {QueueError} as {@link openQueue} and `Queue.enqueue`
 */
export function enqueueOnly(
  location: string,
  options: Pick<OpenOptions, "clock" | "random" | "warn">,
  jobs: readonly NewJob[],
  how: { readonly ifAbsent: boolean },
): Promise<Enqueued> {
  return enqueueInFiles(location, options, jobs, how);
}

/**
 * Looks at the files of the queue in a directory, damaged or not.
 *
 * @param clock milliseconds since 1970
 * @param onProgress told how many of a file's jobs have been looked at
 */
export async function examineQueue(
  location: string,
  clock: () => number,
  onProgress: (done: number, total: number) => void,
): Promise<Examination> {
  const { examine } = await import("./files/doctor.ts");
  return await examine(location, { clock, onProgress });
}
