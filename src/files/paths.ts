/** Every name of a file in the data directory is made here. */

/** The data directory and the names of what is in it. */
export interface Paths {
  readonly directory: string;
  readonly jobs: string;
  readonly dlq: string;
  readonly config: string;
  readonly journal: string;
  readonly queueLock: string;
  readonly checkpointLock: string;
  readonly workers: string;
  readonly logs: string;
}

export function pathsOf(directory: string): Paths {
  const root = directory.endsWith("/") && directory.length > 1 ? directory.slice(0, -1) : directory;
  return {
    directory: root,
    jobs: `${root}/jobs.json`,
    dlq: `${root}/dlq.json`,
    config: `${root}/config.json`,
    journal: `${root}/journal.jsonl`,
    queueLock: `${root}/queue.lock`,
    checkpointLock: `${root}/checkpoint.lock`,
    workers: `${root}/workers`,
    logs: `${root}/logs`,
  };
}

let made = 0;

/** A name under which nobody else writes, for a file before it takes the place of `path`. */
export function beside(path: string): string {
  return `${path}.${Deno.pid}-${made++}-${Math.random().toString(36).slice(2, 8)}.tmp`;
}

/** The files in the directory that wait to take the place of another, or were left by who died. */
export function temporaries(paths: Paths): readonly string[] {
  return [...Deno.readDirSync(paths.directory)].filter(({ name }) => name.endsWith(".tmp"))
    .map(({ name }) => `${paths.directory}/${name}`);
}

/** Where something that is set aside goes: it is never read again, and never removed by itself. */
export function asidePath(path: string, now: number): string {
  return `${path}.aside-${new Date(now).toISOString().replaceAll(":", "-")}`;
}

/** The journal that a checkpoint makes, before it takes the place of the old one. */
export function nextJournalPath(paths: Paths, generation: number): string {
  return `${paths.journal}.${generation}`;
}

/** The journals that checkpoints have made and not put in place. */
export function nextJournals(paths: Paths): readonly { path: string; generation: number }[] {
  const prefix = paths.journal.slice(paths.directory.length + 1) + ".";
  return [...Deno.readDirSync(paths.directory)]
    .filter(({ name }) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map(({ name }) => ({
      path: `${paths.directory}/${name}`,
      generation: Number(name.slice(prefix.length)),
    }));
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

export function workerPaths(paths: Paths, worker: string): WorkerPaths {
  return {
    data: `${paths.workers}/${worker}.json`,
    gone: `${paths.workers}/${worker}.gone`,
    lock: `${paths.workers}/${worker}.lock`,
    stop: `${paths.workers}/${worker}.stop`,
    cancel: `${paths.workers}/${worker}.cancel`,
    log: `${paths.logs}/${worker}.log`,
  };
}

/** What the command `on_finish` has printed. */
export function onFinishLogPath(paths: Paths): string {
  return `${paths.logs}/on_finish.log`;
}

/**
 * The log of a run. The id is there for people only: it is cleaned, shortened and in lower case,
 * and the run id keeps the logs of two jobs apart on every file system.
 */
export function runLogPath(paths: Paths, id: string, run: string): string {
  const cleaned = id.toLowerCase().replace(/[^a-z0-9._-]/g, "_").slice(0, 40);
  return `${paths.logs}/${cleaned}.${run}.log`;
}

/** True for a name in `logs/` that only the log of a run has. */
export function isRunLog(name: string): boolean {
  return /\.[^.]+\.log$/.test(name);
}
