/** Every name of a file that a worker leaves on its machine is made here. */

/** Where they are. */
export interface MachinePaths {
  readonly directory: string;
  readonly workers: string;
  readonly logs: string;
}

export function machinePathsOf(directory: string): MachinePaths {
  return { directory, workers: `${directory}/workers`, logs: `${directory}/logs` };
}

let made = 0;

/** A name under which nobody else writes, for a file before it takes the place of `path`. */
export function beside(path: string): string {
  return `${path}.${Deno.pid}-${made++}-${Math.random().toString(36).slice(2, 8)}.tmp`;
}

const BESIDE = /^\.\d+-\d+-[0-9a-z]*\.tmp$/;

/** True for a path that {@link beside} has made for a file that is to be at `target`. */
export function isBeside(path: string, target: string): boolean {
  return path.startsWith(target) && BESIDE.test(path.slice(target.length));
}

/** The files of one worker: its data, its liveness lock, and the requests to it. */
export interface WorkerPaths {
  readonly data: string;
  /** The data of a worker that is being recovered. */
  readonly gone: string;
  readonly lock: string;
  readonly stop: string;
  readonly cancel: string;
  readonly log: string;
}

export function workerPaths(paths: MachinePaths, worker: string): WorkerPaths {
  return {
    data: `${paths.workers}/${worker}.json`,
    gone: `${paths.workers}/${worker}.gone`,
    lock: `${paths.workers}/${worker}.lock`,
    stop: `${paths.workers}/${worker}.stop`,
    cancel: `${paths.workers}/${worker}.cancel`,
    log: `${paths.logs}/${worker}.log`,
  };
}

/** Where a log goes that has grown too long. */
export function asideOf(log: string): string {
  return `${log}.1`;
}

/** What the command `on_finish` has printed. */
export function onFinishLogPath(paths: MachinePaths): string {
  return `${paths.logs}/on_finish.log`;
}

/**
 * The log of a run. The id is there for people only: it is cleaned, shortened and in lower case,
 * and the run id keeps the logs of two jobs apart on every file system.
 */
export function runLogPath(paths: MachinePaths, id: string, run: string): string {
  const cleaned = id.toLowerCase().replace(/[^a-z0-9._-]/g, "_").slice(0, 40);
  return `${paths.logs}/${cleaned}.${run}.log`;
}

/** True for a name in `logs/` that only the log of a run has; `on_finish` may be writing one of its own. */
export function isRunLog(name: string): boolean {
  return /\.[^.]+\.log$/.test(name) && !name.startsWith("on_finish.");
}
