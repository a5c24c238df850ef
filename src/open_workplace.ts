/** From a location to a place where a worker can join its queue. BullMQ is loaded only for a server. */
import { openFilesWorkplace } from "./files/workplace.ts";
import type { Environment } from "./model/environment.ts";
import type { Location } from "./model/location.ts";
import type { Queue } from "./model/queue.ts";

/** What a worker's thread needs of a queue: less of the program is loaded for it. */
export type Workplace = Pick<Queue, "join" | "close">;

/**
 * Opens the queue at a location for one worker, which leaves it to its supervisor to bring the JSON
 * files up to date. Changes nothing.
 *
 * @throws {QueueError} as `openQueue`
 */
export async function openWorkplace(
  { directory, store }: Location,
  options: Environment,
): Promise<Workplace> {
  if (store === undefined) return await openFilesWorkplace(directory, options);
  const { openBullQueue } = await import("./bullmq/queue.ts");
  return await openBullQueue(directory, store, options);
}
