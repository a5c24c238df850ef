/** Workers that died on this machine without leaving. */
import { ifThere, removeIfThere } from "./io.ts";
import { type MachinePaths, workerPaths } from "./paths.ts";
import { here, isEarlierBoot, isSameMachine, isSamePlace } from "./place.ts";
import { isOwnLock, readWorkerFile, takeLiveness, workerIds } from "./worker_file.ts";

/** A dead worker, held against other finders for as long as its lock is. */
interface DeadWorker {
  readonly id: string;
  readonly lock: Deno.FsFile;
}

/**
 * Finds them.
 *
 * @param alive ids of workers that are known to live
 */
export function findDead(paths: MachinePaths, alive: readonly string[]): readonly DeadWorker[] {
  const dead = takeDead(paths, (id) => !alive.includes(id) && isLocal(paths, id));
  tidy(paths);
  return dead;
}

/**
 * Finds those of other containers of this machine: their locks tell that they are dead, but what they
 * ran cannot be found. So only those that ran nothing.
 *
 * @param isIdle false for the id of a worker that runs something
 */
export function findDeadBeside(
  paths: MachinePaths,
  isIdle: (id: string) => boolean,
): readonly DeadWorker[] {
  return takeDead(paths, (id) => isBeside(paths, id) && isIdle(id));
}

function takeDead(paths: MachinePaths, isMeant: (id: string) => boolean): readonly DeadWorker[] {
  const dead: DeadWorker[] = [];
  try {
    for (const id of workerIds(paths).filter(isMeant)) {
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

/** What cannot be tidied up, as it is somebody else's, keeps nobody from being recovered. */
function tidy(paths: MachinePaths): void {
  try {
    removeAbandoned(paths);
  } catch {
    // It is looked at again the next time.
  }
}

/** Who makes a file takes its lock, or puts it in its place, within this time, in milliseconds. */
const MADE_MS = 60_000;

/**
 * Removes what nobody knows any more: the lock of a worker that was given up while it was frozen, and
 * has died since, or that died as it came; and requests that were cut off before they were made.
 */
function removeAbandoned(paths: MachinePaths): void {
  const known = new Set(workerIds(paths));
  for (const { name } of ifThere(() => [...Deno.readDirSync(paths.workers)]) ?? []) {
    const [, id, kind] = /^(.+?)\.(?:.+\.)?(lock|tmp)$/.exec(name) ?? [];
    if (id === undefined || (kind === "lock" && known.has(id))) continue;
    const path = `${paths.workers}/${name}`;
    const made = ifThere(() => Deno.statSync(path))?.mtime?.getTime() ?? Infinity;
    if (Date.now() - made < MADE_MS) continue;
    const lock = kind === "lock" ? takeLiveness(paths, id) : undefined;
    if (kind === "tmp" || lock) removeIfThere(path);
    lock?.close();
  }
}

/** True if its lock means something here, and its processes, if there still are any, can be found. */
export function isLocal(paths: MachinePaths, worker: string): boolean {
  const file = readWorkerFile(paths, worker);
  if (file === undefined) return true;
  const place = here();
  return isEarlierBoot(file, place) || (isSamePlace(file, place) && isOwnLock(paths, file));
}

function isBeside(paths: MachinePaths, worker: string): boolean {
  const file = readWorkerFile(paths, worker);
  return file !== undefined && !isLocal(paths, worker) && isSameMachine(file, here()) &&
    isOwnLock(paths, file);
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
