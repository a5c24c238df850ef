import { usage } from "../model/errors.ts";
import { describeLocation, type Location } from "../model/location.ts";

/**
 * Refuses what is about the files of a queue for one that is on a server.
 *
 * @throws {QueueError} `usage`
 */
export function refuseStore(location: Location, command: string): void {
  if (location.store === undefined) return;
  throw usage(
    `${describeLocation(location)} has no files for \`${command}\``,
    "the server keeps what is in it, and its own tools look after it",
  );
}
