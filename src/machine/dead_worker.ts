/** Workers that died on this machine without leaving. */
import { ifThere, removeIfThere } from "./io.ts";
import { type MachinePaths, workerPaths } from "./paths.ts";
import { here, isEarlierBoot, isSamePlace } from "./place.ts";
import { isOwnLock, readWorkerFile, takeLiveness, workerIds } from "./worker_file.ts";

/** A dead worker, held against other finders for as long as its lock is. */
export interface DeadWorker {
  readonly id: string;
  readonly lock: Deno.FsFile;
}

/**
 * Finds them.
 *
 * @param alive ids of workers that are known to live
 */
export function findDead(paths: MachinePaths, alive: readonly string[]): readonly DeadWorker[] {
  const dead: DeadWorker[] = [];
  try {
    for (const id of workerIds(paths)) {
      if (alive.includes(id) || !isLocal(paths, id)) continue;
      const lock = takeLiveness(paths, id);
      if (lock) dead.push({ id, lock });
    }
    return dead;
  } catch (error) {
    // Held without being told of, they would pass for alive as long as this process lives.
    for (const { lock } of dead) lock.close();
    throw error;
  }
}

/** True if its lock means something here, and its processes, if there still are any, can be found. */
export function isLocal(paths: MachinePaths, worker: string): boolean {
  const file = readWorkerFile(paths, worker);
  if (file === undefined) return true;
  const place = here();
  return isEarlierBoot(file, place) || (isSamePlace(file, place) && isOwnLock(paths, file));
}

/** The worker's file gets another name: its gate is closed, and who looks still knows where it was. */
export function closeGate(paths: MachinePaths, id: string): void {
  const { data, gone } = workerPaths(paths, id);
  ifThere(() => Deno.renameSync(data, gone));
}

/** A frozen worker still holds its lock file: that one goes when it wakes up, or dies. */
export function removeTraces(paths: MachinePaths, id: string, withLock: boolean): void {
  const { data, gone, stop, cancel, lock } = workerPaths(paths, id);
  for (const path of [data, gone, stop, cancel]) removeIfThere(path);
  if (withLock) removeIfThere(lock);
}
