/** Moving jobs from one queue to another. */
import { ifThere, makePrivateDirectory, openPrivate, writeAll } from "../machine/io.ts";
import { runLogPath } from "../machine/paths.ts";
import type { Job } from "../model/job.ts";
import type { Log } from "../model/log.ts";
import { handOver as handOverJobs, takeOver as takeOverJobs } from "../rules/take_over.ts";
import type { Paths } from "./paths.ts";
import { removeLogs } from "./run_logs.ts";
import type { Store } from "./store.ts";

/** Takes over whole records; on disk when it returns. */
export async function takeOver(
  store: Store,
  jobs: readonly Job[],
  dryRun: boolean,
): Promise<void> {
  if (dryRun) return await store.preview((view) => takeOverJobs(view, jobs));
  await store.transact((view) => takeOverJobs(view, jobs), false);
  store.sync();
}

/** How much of a log is copied at a time, in bytes. */
const PIECE = 256 * 1024;

/** Takes over what a run of such a job has printed; goes on where it was cut off before. */
export async function takeOverLog(
  store: Store,
  id: string,
  run: string,
  log: Log,
): Promise<void> {
  const { paths, owner } = store;
  makePrivateDirectory(paths.logs, owner);
  using file = openPrivate(runLogPath(paths, id, run), owner, { create: true, append: true });
  for (let offset = file.statSync().size;;) {
    const piece = await log.read(offset, PIECE);
    if (piece.length === 0) return;
    writeAll(file, piece);
    offset += piece.length;
  }
}

/**
 * Jobs that another queue has taken over are gone from here, unless they have changed since.
 *
 * @returns the ids of those that were gone already
 */
export async function handOver(store: Store, jobs: readonly Job[]): Promise<readonly string[]> {
  const { leaving, gone } = await store.transact((view) => handOverJobs(view, jobs));
  removeLogs(store, leaving);
  return gone;
}

/** What tells a directory from another, whatever path leads there. */
export function identityOf({ directory }: Paths): string {
  const stat = ifThere(() => Deno.statSync(directory));
  return stat ? `directory ${stat.dev} ${stat.ino}` : `directory ${directory}`;
}
