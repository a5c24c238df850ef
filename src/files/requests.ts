import type { WorkerRequest } from "../model/seat.ts";
import { ifThere, removeIfThere } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
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
  return { kind: "stop", worker, force: text?.trim() === "force" };
}

function cancelOf(paths: Paths, worker: string): WorkerRequest | undefined {
  const { cancel } = workerPaths(paths, worker);
  const run = ifThere(() => Deno.readTextFileSync(cancel))?.trim();
  removeIfThere(cancel);
  return run ? { kind: "cancel", worker, run } : undefined;
}
