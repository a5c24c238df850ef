/** `workers/<id>.json`: who a worker is; and `workers/<id>.lock`, held for as long as it lives. */
import { ifThere } from "./io.ts";
import { type MachinePaths, workerPaths } from "./paths.ts";
import type { Place } from "./place.ts";

/** What a worker says of itself. */
export interface WorkerFile extends Place {
  readonly id: string;
  readonly pid: number;
  /** The inode of its lock file: in a copy of the directory it is another. Null where there are none. */
  readonly lock: number | null;
  readonly started_at: string;
}

/** The ids that have a file in `workers/`, those that are being recovered too. */
export function workerIds(paths: MachinePaths): readonly string[] {
  const names = ifThere(() => [...Deno.readDirSync(paths.workers)]) ?? [];
  const ids = names.flatMap(({ name }) => /^(.+)\.(json|gone)$/.exec(name)?.[1] ?? []);
  return [...new Set(ids)].sort();
}

/** What a worker says of itself; undefined if it is gone, or died while it wrote this. */
export function readWorkerFile(paths: MachinePaths, id: string): WorkerFile | undefined {
  const { data, gone } = workerPaths(paths, id);
  const text = ifThere(() => Deno.readTextFileSync(data)) ??
    ifThere(() => Deno.readTextFileSync(gone));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Takes a dead worker's liveness lock.
 *
 * @returns the held lock, to be closed; undefined if the worker lives, or left in order
 */
export function takeLiveness(paths: MachinePaths, id: string): Deno.FsFile | undefined {
  const file = ifThere(() =>
    Deno.openSync(workerPaths(paths, id).lock, { read: true, write: true })
  );
  if (file?.tryLockSync(true)) return file;
  file?.close();
  return undefined;
}

/** False in a copy of the directory: there the lock is free, and the worker may live. */
export function isOwnLock(paths: MachinePaths, { id, lock }: WorkerFile): boolean {
  const { ino } = ifThere(() => Deno.statSync(workerPaths(paths, id).lock)) ?? { ino: lock };
  return ino === lock;
}

/** True if the worker holds its lock: then not even a shared one can be had. */
export function isAlive(paths: MachinePaths, id: string): boolean {
  const file = ifThere(() => Deno.openSync(workerPaths(paths, id).lock, { read: true }));
  if (!file) return false;
  try {
    return !file.tryLockSync(false);
  } finally {
    file.close();
  }
}
