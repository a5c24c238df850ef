/**
 * Says what is wrong with a queue's files, and mends it only when asked: what could be understood is
 * written anew, and what was there is kept.
 */
import type { Examination } from "../model/examination.ts";
import { CHAIN_START } from "./checksum.ts";
import type { Findings } from "./findings.ts";
import {
  fileError,
  ifThere,
  isThere,
  keepCopy,
  makePrivateDirectory,
  openPrivate,
  type Owner,
  ownerFor,
  removeIfThere,
  replaceFile,
} from "../machine/io.ts";
import { acquire } from "./lock.ts";
import { look, type LookOptions } from "./look.ts";
import { type Paths, pathsOf } from "./paths.ts";
import { commit, momentOf, prepare } from "./replace_snapshots.ts";

/** Examines the queue in a directory, under its locks; changes nothing. */
export async function examine(directory: string, options: LookOptions): Promise<Examination> {
  const paths = pathsOf(directory);
  const files = [paths.jobs, paths.dlq, paths.journal, paths.config];
  try {
    if (!files.some(isThere)) return { problems: [], repair: () => Promise.resolve("") };
    const { problems } = await withBothLocks(paths, () => look(paths, options));
    return { problems, repair: () => repair(paths, options) };
  } catch (error) {
    throw fileError(error, `cannot look at ${paths.directory}`);
  }
}

/** Writes what can be understood in place of what is damaged. @returns where the originals are */
function repair(paths: Paths, options: LookOptions): Promise<string> {
  return withBothLocks(
    paths,
    () => mend(paths, look(paths, options), ownerFor(paths.directory), options.clock()),
  );
}

/** Calls `work` while nobody else writes, not even a checkpoint beside. */
async function withBothLocks<T>(paths: Paths, work: () => T): Promise<T> {
  const owner = ownerFor(paths.directory);
  using checkpoint = openLock(paths.checkpointLock, owner);
  using queue = openLock(paths.queueLock, owner);
  const releaseCheckpoint = await acquire(checkpoint, paths.checkpointLock);
  try {
    const releaseQueue = await acquire(queue, paths.queueLock);
    try {
      return work();
    } finally {
      releaseQueue();
    }
  } finally {
    releaseCheckpoint();
  }
}

/** To look, reading is enough: on a disk that has become read-only there is most to see. */
function openLock(path: string, owner: Owner | undefined): Deno.FsFile {
  try {
    return openPrivate(path, owner);
  } catch (error) {
    const file = ifThere(() => Deno.openSync(path, { read: true }));
    if (file) return file;
    throw error;
  }
}

function mend(paths: Paths, findings: Findings, owner: Owner | undefined, now: number): string {
  const { damaged, stale, records, config } = findings;
  if (damaged.size + stale.size === 0) return "";
  const kept = `${paths.directory}/repair-${new Date(now).toISOString().replaceAll(":", "-")}`;
  makePrivateDirectory(kept, owner);
  for (const path of new Set([...damaged, ...stale, paths.jobs, paths.dlq, paths.journal])) {
    keepCopy(path, `${kept}/${path.slice(path.lastIndexOf("/") + 1)}`, owner);
  }
  for (const path of stale) removeIfThere(path);
  if (damaged.has(paths.config)) {
    replaceFile(paths.config, `${JSON.stringify(config, null, 2)}\n`, owner);
  }
  let next = findings.next;
  for (const job of records.values()) next = Math.max(next, job.seq + 1);
  const unnumbered = [...records.values()].filter((job) => job.seq === 0);
  for (const job of unnumbered) records.apply({ put: { ...job, seq: next++ } });
  const moment = momentOf(records, next, CHAIN_START);
  const prepared = prepare(paths, moment, { generation: findings.generation }, owner);
  commit(paths, prepared, new Uint8Array(), () => {});
  return kept;
}
