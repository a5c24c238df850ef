import { describeLocation, type Location } from "../model/location.ts";
import { isDirectory } from "./directories.ts";

/** That there is not even a queue, as where the name of its directory is mistyped. */
export function noteOfMissing(location: Location): string | undefined {
  if (location.store !== undefined || isDirectory(location.directory)) return undefined;
  return `there is no queue in ${describeLocation(location)} yet`;
}
