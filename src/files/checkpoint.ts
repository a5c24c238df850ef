/**
 * A checkpoint: the journal's effect goes into `jobs.json` and `dlq.json`, and a new journal begins.
 *
 * Promises:
 * 4. A snapshot is replaced whole or not at all; a kill or a power cut between any two steps loses
 *    nothing and doubles nothing.
 *
 * The steps, and what a crash behind each leaves:
 *   1. lock, catch up, remember where, unlock
 *   2. write and sync the snapshots beside          temporary files
 *   3. sync the journal
 *   4. write and sync the next journal beside       temporary files
 *   5. lock; if journal or snapshots are not what they were, give up
 *   6. append the lines that came meanwhile; sync   temporary files
 *   7. rename jobs.json, rename dlq.json; sync      newer snapshots under the old journal, which
 *                                                   is replayed over them and changes nothing; the
 *                                                   next journal vouches that no hand was there
 *   8. rename the journal; sync; unlock             the new state
 *
 * Between 1 and 5 the lock is free, so a checkpoint of a long queue stalls nobody.
 */
import { isThere, openPrivate } from "../machine/io.ts";
import { acquire } from "./lock.ts";
import { discard, prepare } from "./replace_snapshots.ts";
import type { Store } from "./store.ts";

/** A checkpoint of so many bytes is cheap enough for the end of any command. */
const CHEAP_BYTES = 1024 * 1024;

/** A checkpoint may also be so many times larger than what the command has written itself. */
const CHEAP_TIMES_WRITTEN = 4;

/**
 * A journal that has grown to this part of the snapshots is worth a checkpoint of any length: spread
 * over the commands that have filled it, it costs each a fraction of a millisecond.
 */
const WORTH_PART = 1 / 16;

/** What a checkpoint would cost and bring, in bytes. */
interface Backlog {
  readonly snapshots: number;
  readonly journal: number;
  /** Of these what the command has written itself. */
  readonly written: number;
}

/** True if a command should end with a checkpoint. */
export function isWorthCheckpoint({ snapshots, journal, written }: Backlog): boolean {
  const isCheap = snapshots + journal <= Math.max(CHEAP_BYTES, CHEAP_TIMES_WRITTEN * written);
  return isCheap || journal >= snapshots * WORTH_PART;
}

/** Whether to wait for another checkpoint to end, or to leave it at that. */
export type Contention = "wait" | "skip";

/**
 * Brings `jobs.json` and `dlq.json` up to date.
 *
 * @returns false if another process is at it, or the files changed hands meanwhile
 */
export async function checkpoint(store: Store, contention: Contention): Promise<boolean> {
  const { paths } = store;
  if (!isThere(paths.directory)) return true;
  using file = openPrivate(paths.checkpointLock, store.owner);
  if (contention === "skip") return file.tryLockSync(true) ? await write(store) : false;
  const release = await acquire(file, paths.checkpointLock);
  try {
    return await write(store);
  } finally {
    release();
  }
}

async function write(store: Store): Promise<boolean> {
  const taken = await store.locked(() => store.takeMoment());
  if (taken.upToDate) return true;
  store.fault("checkpoint begun");
  const moment = taken.moment ??
    (await import("./merge.ts")).mergedMoment(store.paths, taken);
  if (!moment) {
    await store.locked(() => store.reload());
    return false;
  }
  const prepared = prepare(store.paths, moment, taken.header, store.owner);
  store.fault("checkpoint prepared");
  let reached = false;
  try {
    taken.journal.file.syncDataSync();
    return await store.locked(() => {
      reached = true;
      return store.place(prepared, taken);
    });
  } catch (error) {
    if (!reached) discard(prepared);
    throw error;
  }
}
