/** Moving jobs from one queue to another. */
import { isThere, makePrivateDirectory, openPrivate, writeAll } from "../machine/io.ts";
import { runLogPath } from "../machine/paths.ts";
import type { Job } from "../model/job.ts";
import type { Log } from "../model/queue.ts";
import { takeOver as takeOverJobs } from "../rules/take_over.ts";
import { dropJobs } from "./run_logs.ts";
import type { Store } from "./store.ts";

/** Takes over whole records; on disk when it returns. */
export async function takeOver(store: Store, jobs: readonly Job[]): Promise<void> {
  await store.transact((view) => takeOverJobs(view, jobs));
  store.sync();
}

/** So much of a log is copied at a time, in bytes. */
const PIECE = 256 * 1024;

/** Takes over what a run of such a job has printed. */
export async function takeOverLog(
  store: Store,
  id: string,
  run: string,
  log: Log,
): Promise<void> {
  const { paths, owner } = store;
  const path = runLogPath(paths, id, run);
  if (isThere(path)) return;
  makePrivateDirectory(paths.logs, owner);
  using file = openPrivate(path, owner, { createNew: true });
  for (let offset = 0;;) {
    const piece = await log.read(offset, PIECE);
    if (piece.length === 0) return;
    writeAll(file, piece);
    offset += piece.length;
  }
}

/** Jobs that another queue has taken over are gone from here. */
export async function handOver(store: Store, ids: readonly string[]): Promise<void> {
  await dropJobs(store, ({ records }) => {
    const jobs = ids.flatMap((id) => records.get(id) ?? []);
    return { events: jobs.map(({ id }) => ({ drop: id })), result: jobs };
  });
}
