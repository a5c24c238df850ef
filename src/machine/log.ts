import type { Log } from "../model/log.ts";
import { ifThere, makePrivateDirectory, openPrivate, type Owner, readRange } from "./io.ts";
import type { MachinePaths } from "./paths.ts";

/** A log that is a file. */
export function logAt(path: string): Log {
  return {
    size: () => Promise.resolve(ifThere(() => Deno.statSync(path))?.size),
    read: (offset, length) => {
      const file = ifThere(() => Deno.openSync(path, { read: true }));
      if (!file) return Promise.resolve(new Uint8Array());
      try {
        return Promise.resolve(readRange(file, offset, length));
      } finally {
        file.close();
      }
    },
  };
}

/** Makes an empty log for somebody else, where the shell that writes it would make one for itself. */
export function makeLogFor(owner: Owner | undefined, paths: MachinePaths, log: string): void {
  if (!owner) return;
  try {
    makePrivateDirectory(paths.logs, owner);
    openPrivate(log, owner, { create: true, append: true }).close();
  } catch {
    // A full disk, say: the run is worth more than whose its log is.
  }
}
