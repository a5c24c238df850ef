/** Every name of a file that the queue is kept in is made here. */
import { isBeside, type MachinePaths, machinePathsOf } from "../machine/paths.ts";

/** The data directory and the names of what is in it. */
export interface Paths extends MachinePaths {
  readonly jobs: string;
  readonly dlq: string;
  readonly config: string;
  readonly journal: string;
  readonly queueLock: string;
  readonly checkpointLock: string;
}

export function pathsOf(directory: string): Paths {
  const root = directory.endsWith("/") && directory.length > 1 ? directory.slice(0, -1) : directory;
  return {
    ...machinePathsOf(root),
    jobs: `${root}/jobs.json`,
    dlq: `${root}/dlq.json`,
    config: `${root}/config.json`,
    journal: `${root}/journal.jsonl`,
    queueLock: `${root}/queue.lock`,
    checkpointLock: `${root}/checkpoint.lock`,
  };
}

/**
 * The files that wait to take the place of one of the queue's, or were left by who died. Whatever
 * else people keep in the directory is theirs.
 */
export function temporaries({ directory, jobs, dlq, config }: Paths): readonly string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => `${directory}/${name}`)
    .filter((path) => [jobs, dlq, config].some((each) => isBeside(path, each)));
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
