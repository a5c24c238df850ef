import { describeLocation, type Location } from "../model/location.ts";
import { isDirectory } from "./directories.ts";

/** That there are no jobs: or not even a queue, as where the name of its directory is mistyped. */
export function noteOfEmpty(location: Location): string {
  if (location.store !== undefined || isDirectory(location.directory)) return "the queue is empty";
  return `there is no queue in ${describeLocation(location)} yet`;
}
