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
import { fileError, isThere, openPrivate, type Owner, removeIfThere } from "../machine/io.ts";
import type { Journal } from "./journal.ts";
import type { Header } from "./journal_line.ts";
import { hold } from "./load.ts";
import { acquire } from "./lock.ts";
import { type Paths, temporaries } from "./paths.ts";
import {
  commit,
  discard,
  isStill,
  type Moment,
  momentOf,
  prepare,
  type Prepared,
} from "./replace_snapshots.ts";
import { LONG_BYTES } from "./snapshot.ts";
import type { Store } from "./store.ts";

/** Up to this many bytes a checkpoint is cheap enough for the end of any command. */
const CHEAP_BYTES = 1024 * 1024;

/** How many times larger than what the command has written itself a checkpoint may be. */
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
type Contention = "wait" | "skip";

/**
 * Brings `jobs.json` and `dlq.json` up to date.
 *
 * @returns false if another process is at it, or the files changed hands meanwhile
 */
export async function checkpoint(store: Store, contention: Contention): Promise<boolean> {
  const { paths } = store;
  if (!isThere(paths.directory)) return true;
  using file = openLock(paths, store.owner);
  if (contention === "skip") return file.tryLockSync(true) ? await write(store) : false;
  const release = await acquire(file, paths.checkpointLock);
  try {
    return await write(store);
  } finally {
    release();
  }
}

/** Where a checkpoint stands after its first step. */
interface Taken {
  readonly header: Header;
  readonly journal: Journal;
  /** Where the lines begin that will not be in the snapshots. */
  readonly offset: number;
  /** Bytes that this process has written before. */
  readonly written: number;
  readonly upToDate: boolean;
  /** What the snapshots will hold; undefined if it is to be merged from them and the journal. */
  readonly moment: Moment | undefined;
  readonly end: Pick<Moment, "state" | "base" | "chain">;
}

function openLock({ directory, checkpointLock }: Paths, owner: Owner | undefined): Deno.FsFile {
  try {
    return openPrivate(checkpointLock, owner);
  } catch (error) {
    throw fileError(error, `cannot write into ${directory}`);
  }
}

async function write(store: Store): Promise<boolean> {
  const taken = await store.locked(() => take(store));
  if (taken.upToDate) return true;
  store.fault("checkpoint begun");
  const moment = taken.moment ??
    (await import("./merge.ts")).mergedMoment(store.paths, taken);
  if (!moment) {
    await store.locked(() => readAnew(store));
    return false;
  }
  const prepared = prepare(store.paths, moment, taken.header, store.owner);
  store.fault("checkpoint prepared");
  // Another caller of this process may have followed to a journal that has taken this one's place.
  if (store.replica.journal !== taken.journal) {
    discard(prepared);
    return false;
  }
  let reached = false;
  try {
    taken.journal.file.syncDataSync();
    return await store.locked(() => {
      reached = true;
      return place(store, prepared, taken);
    });
  } catch (error) {
    if (!reached) discard(prepared);
    throw error;
  }
}

/** Step 1. Under the lock. */
function take(store: Store): Taken {
  const journal = store.replica.journal!;
  const { offset, next: base, chain } = journal;
  const upToDate = offset === journal.begin;
  if (upToDate) store.written = 0;
  const isShort = store.records.keep === "all" && store.snapshotBytes < LONG_BYTES;
  return {
    header: journal.header,
    journal,
    offset,
    written: store.written,
    upToDate,
    moment: isShort ? momentOf(store.records, base, chain) : undefined,
    end: { state: store.records.state, base, chain },
  };
}

/** Steps 5 to 8; false if the files are not what they were. Under both locks. */
function place(store: Store, prepared: Prepared, taken: Taken): boolean {
  const { paths } = store;
  const journal = store.replica.journal!;
  const { jobs, dlq } = taken.header;
  const isSame = journal === taken.journal;
  if (!isSame || !isStill(paths.jobs, jobs) || !isStill(paths.dlq, dlq)) {
    discard(prepared);
    if (isSame) readAnew(store);
    return false;
  }
  commit(paths, prepared, journal.bytesFrom(taken.offset), store.fault);
  // With both locks held nobody writes anything beside: what is left there, dead processes left.
  for (const left of temporaries(paths)) removeIfThere(left);
  store.written -= taken.written;
  return true;
}

/** The files are not what they were. Under the lock. */
function readAnew({ replica, paths }: Store): void {
  replica.take(hold(paths));
}
