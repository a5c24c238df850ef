/** From a data directory to a location. */
import { readConfig } from "./files/config_file.ts";
import { pathsOf } from "./files/paths.ts";
import type { Location } from "./model/location.ts";

/**
 * Where the queue of a data directory is: in it, or where its setting `store` says.
 *
 * @param directory absolute
 */
export function locate(directory: string): Location {
  const store = storeSetting(directory);
  return store === "" ? { directory } : { directory, store };
}

/** A damaged file names no store; whatever opens the queue will say what is wrong with it. */
function storeSetting(directory: string): string {
  try {
    return readConfig(pathsOf(directory).config).complete.store;
  } catch {
    return "";
  }
}
