import type { WorkerRequest } from "../model/seat.ts";
import { ifThere, isThere, removeIfThere } from "../machine/io.ts";
import { readStop } from "../model/stop_request.ts";
import { beside, workerPaths } from "../machine/paths.ts";
import type { Paths } from "./paths.ts";

/**
 * What is asked of these workers. A request to cancel is taken away, a request to stop stays. One that
 * cannot be read just now hides none of the others.
 */
export function requests(paths: Paths, workers: readonly string[]): readonly WorkerRequest[] {
  const names = new Set((ifThere(() => [...Deno.readDirSync(paths.workers)]) ?? [])
    .map(({ name }) => name));
  return workers.flatMap((worker) => {
    const asked: (WorkerRequest | undefined)[] = [];
    if (names.has(`${worker}.stop`)) asked.push(ifReadable(() => stopOf(paths, worker)));
    if (names.has(`${worker}.cancel`)) asked.push(ifReadable(() => cancelOf(paths, worker)));
    return asked.filter((request) => request !== undefined);
  });
}

function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // No file handle left, say: the request is still there at the next look.
    return undefined;
  }
}

function stopOf(paths: Paths, worker: string): WorkerRequest {
  const text = ifThere(() => Deno.readTextFileSync(workerPaths(paths, worker).stop));
  return { kind: "stop", worker, ...readStop(text ?? "") };
}

function cancelOf(paths: Paths, worker: string): WorkerRequest | undefined {
  const { cancel } = workerPaths(paths, worker);
  // Taken away first: another may be asked while this one is read.
  const taken = beside(cancel);
  ifThere(() => Deno.renameSync(cancel, taken));
  const run = ifThere(() => readOrPutBack(taken, cancel))?.trim();
  removeIfThere(taken);
  return run ? { kind: "cancel", worker, run } : undefined;
}

function readOrPutBack(taken: string, place: string): string {
  try {
    return Deno.readTextFileSync(taken);
  } catch (error) {
    if (!isThere(place)) ifThere(() => Deno.renameSync(taken, place));
    throw error;
  }
}
