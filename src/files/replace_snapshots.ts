/**
 * Replacing the snapshots and the journal together: the steps of a checkpoint, numbered in
 * `checkpoint.ts`. Everything is written beside and synced before anything is put in its place.
 */
import type { Job } from "../model/job.ts";
import {
  fileError,
  ifThere,
  type Owner,
  readTextIfThere,
  removeIfThere,
  syncDirectory,
  writeAll,
  writeBeside,
} from "./io.ts";
import { encode, type FileMark, type Header, HEADER_CHAIN } from "./journal_line.ts";
import { beside, nextJournalPath, nextJournals, type Paths } from "./paths.ts";
import type { QueueState, Records } from "./records.ts";
import { formatSnapshot, markOf } from "./snapshot.ts";

/** Called with the name of each step, so that a test can end the program there. */
export type FaultPoint = (step: string) => void;

/** The queue at one moment, as the snapshots will hold it. */
export interface Moment {
  readonly jobs: readonly Job[];
  readonly dead: readonly Job[];
  readonly state: QueueState;
  /** The first event that is not in here. */
  readonly base: number;
  readonly chain: string;
}

export function momentOf(records: Records, base: number, chain: string): Moment {
  const jobs: Job[] = [];
  const dead: Job[] = [];
  for (const job of records.values()) (job.state === "dead" ? dead : jobs).push(job);
  return { jobs, dead, state: records.state, base, chain };
}

/** Snapshots and journal, written beside and synced, that wait to be put in place. */
export interface Prepared {
  readonly header: Header;
  readonly journal: Deno.FsFile;
  readonly journalPath: string;
  readonly replaced: readonly string[];
}

/** What is in place now: the journal's generation, and the snapshots that may stay if they say the same. */
export interface Before {
  readonly generation: number;
  readonly jobs?: FileMark;
  readonly dlq?: FileMark;
}

/** Writes everything beside: steps 2 and 4. Needs no lock but `checkpoint.lock`. */
export function prepare(
  paths: Paths,
  moment: Moment,
  before: Before,
  owner: Owner | undefined,
): Prepared {
  const replaced: string[] = [];
  const write = (path: string, jobs: readonly Job[], mark: FileMark | undefined): FileMark => {
    const text = formatSnapshot(jobs);
    if (mark && holds(path, text, mark)) return mark;
    using file = writeBeside(path, text, owner);
    const { size, mtime } = file.statSync();
    replaced.push(path);
    return markOf({ path, text, size, mtime: mtime?.getTime() ?? 0 });
  };
  try {
    const beside = nextJournals(paths).map((next) => next.generation);
    const generation = Math.max(before.generation, ...beside) + 1;
    const header: Header = {
      queuectl: "journal",
      version: 1,
      generation,
      base: moment.base,
      chain: moment.chain,
      jobs: write(paths.jobs, moment.jobs, before.jobs),
      dlq: write(paths.dlq, moment.dead, before.dlq),
      state: moment.state,
    };
    const journalPath = nextJournalPath(paths, generation);
    const text = encode(header, HEADER_CHAIN).text;
    const journal = writeBeside(paths.journal, text, owner, journalPath);
    return { header, journal, journalPath, replaced };
  } catch (error) {
    for (const path of replaced) removeIfThere(beside(path));
    throw fileError(error, `cannot write into ${paths.directory}`);
  }
}

/** True if a file holds this text already, and is the one that the journal's header names. */
function holds(path: string, text: string, mark: FileMark): boolean {
  return isStill(path, mark) && readTextIfThere(path) === text;
}

/** True if a snapshot is still the file that a journal's header names. */
export function isStill(path: string, mark: FileMark): boolean {
  const stat = ifThere(() => Deno.statSync(path));
  return stat?.size === mark.size && stat.mtime?.getTime() === mark.mtime;
}

/** Puts everything in place: steps 6 to 8. Under the queue's lock. */
export function commit(
  paths: Paths,
  prepared: Prepared,
  linesSince: Uint8Array,
  fault: FaultPoint,
): void {
  const { journal, journalPath, header } = prepared;
  try {
    writeAll(journal, linesSince);
    if (linesSince.length > 0) journal.syncSync();
  } catch (error) {
    discard(prepared);
    throw fileError(error, `cannot write ${journalPath}`);
  }
  syncDirectory(paths.directory);
  fault("checkpoint written beside");
  for (const path of prepared.replaced) {
    Deno.renameSync(beside(path), path);
    fault(`checkpoint renamed ${path.slice(paths.directory.length + 1)}`);
  }
  syncDirectory(paths.directory);
  fault("checkpoint synced the snapshots");
  Deno.renameSync(journalPath, paths.journal);
  journal.close();
  fault("checkpoint renamed the journal");
  syncDirectory(paths.directory);
  for (const left of nextJournals(paths)) {
    if (left.generation <= header.generation) removeIfThere(left.path);
  }
}

/** Removes what `prepare` wrote. */
export function discard(prepared: Prepared): void {
  prepared.journal.close();
  removeIfThere(prepared.journalPath);
  for (const path of prepared.replaced) removeIfThere(beside(path));
}
