/** `workers/<id>.json`: who a worker is; and `workers/<id>.lock`, held for as long as it lives. */
import { ifThere } from "./io.ts";
import { type MachinePaths, workerPaths } from "./paths.ts";

/** Where a process runs: pids mean something only to who shares all three. */
export interface Place {
  readonly host: string;
  /** Changes with every start of the machine; empty where the system does not tell. */
  readonly boot: string;
  /** Differs between containers; empty where the system does not tell. */
  readonly pid_namespace: string;
}

/** What a worker says of itself. */
export interface WorkerFile extends Place {
  readonly id: string;
  readonly pid: number;
  /** The inode of its lock file: in a copy of the directory it is another. Null where there are none. */
  readonly lock: number | null;
  readonly started_at: string;
}

let known: Place | undefined;

/** Where this process runs. */
export function here(): Place {
  return known ??= lookAround();
}

function lookAround(): Place {
  const read = (look: () => string): string => {
    try {
      return look().trim();
    } catch {
      return "";
    }
  };
  return {
    host: read(() => Deno.hostname()),
    boot: read(() => Deno.readTextFileSync("/proc/sys/kernel/random/boot_id")),
    pid_namespace: read(() => Deno.readLinkSync("/proc/self/ns/pid")),
  };
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.host === b.host && a.boot === b.boot && a.pid_namespace === b.pid_namespace;
}

/** True if the machine is the same and has been started since: then nothing of the process is left. */
export function isEarlierBoot(process: Place, now: Place): boolean {
  return process.host === now.host && process.boot !== "" && process.boot !== now.boot;
}

/** The ids that have a file in `workers/`, those that are being recovered too. */
export function workerIds(paths: MachinePaths): readonly string[] {
  const names = ifThere(() => [...Deno.readDirSync(paths.workers)]) ?? [];
  const ids = names.flatMap(({ name }) => /^(.+)\.(json|gone)$/.exec(name)?.[1] ?? []);
  return [...new Set(ids)].sort();
}

/** The ids of the workers that have a log, those that have left too. */
export function workersWithLogs(paths: MachinePaths): readonly string[] {
  const names = ifThere(() => [...Deno.readDirSync(paths.logs)]) ?? [];
  return names.flatMap(({ name }) => /^(worker-[^.]+)\.log$/.exec(name)?.[1] ?? []);
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
