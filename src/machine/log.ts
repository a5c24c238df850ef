import type { Log } from "../model/queue.ts";
import { ifThere, readRange } from "./io.ts";

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
