/**
 * Replacing the snapshots and the journal together: the steps of a checkpoint, numbered in
 * `checkpoint.ts`. Everything is written beside and synced before anything is put in its place.
 */
import type { Job } from "../model/job.ts";
import {
  fileError,
  ifThere,
  type Owner,
  removeIfThere,
  syncDirectory,
  type Temporary,
  writeAll,
  writeTemporary,
} from "../machine/io.ts";
import { readTextIfThere } from "../machine/text_file.ts";
import { encode, type FileMark, type Header, HEADER_CHAIN } from "./journal_line.ts";
import { beside } from "../machine/paths.ts";
import { nextJournalPath, nextJournals, type Paths } from "./paths.ts";
import type { QueueState, Records } from "../rules/records.ts";
import { Sum } from "./checksum.ts";
import { LONG_BYTES, piecesOf } from "./snapshot.ts";

/** Called with the name of each step, so that a test can end the program there. */
export type FaultPoint = (step: string) => void;

/** What a snapshot will hold: what it does, or these lines; several may be in one text. */
export type Content = "unchanged" | Iterable<string>;

/** What both snapshots will hold. */
export interface Merged {
  readonly jobs: Content;
  readonly dlq: Content;
}

/** The queue at one moment, as the snapshots will hold it. */
export interface Moment extends Merged {
  readonly state: QueueState;
  /** The first event that is not in here. */
  readonly base: number;
  readonly chain: string;
}

export function momentOf(records: Records, base: number, chain: string): Moment {
  const jobs: Job[] = [];
  const dead: Job[] = [];
  for (const job of records.values()) (job.state === "dead" ? dead : jobs).push(job);
  return {
    jobs: linesOf(jobs),
    dlq: linesOf(dead),
    state: records.state,
    base,
    chain,
  };
}

/** In order of arrival. */
function linesOf(jobs: Job[]): readonly string[] {
  return jobs.sort((a, b) => a.seq - b.seq).map((job) => JSON.stringify(job));
}

/** Snapshots and journal, written beside and synced, that wait to be put in place. */
export interface Prepared {
  readonly header: Header;
  readonly journal: Temporary;
  readonly snapshots: readonly { readonly path: string; readonly temporary: string }[];
}

/** What is in place now: the journal's generation, and the snapshots that may stay if they say the same. */
interface Before {
  readonly generation: number;
  readonly jobs?: FileMark;
  readonly dlq?: FileMark;
}

/** Writes everything beside: steps 2 and 4. Needs no lock. */
export function prepare(
  paths: Paths,
  moment: Moment,
  before: Before,
  owner: Owner | undefined,
): Prepared {
  const snapshots: { path: string; temporary: string }[] = [];
  const write = (path: string, content: Content, mark: FileMark | undefined): FileMark => {
    if (content === "unchanged") return mark!;
    const pieces = Array.isArray(content) ? [...piecesOf(content)] : piecesOf(content);
    if (mark && Array.isArray(pieces) && holds(path, pieces, mark)) return mark;
    const sum = new Sum();
    const { path: temporary, file } = writeTemporary(
      beside(path),
      pieces,
      owner,
      (bytes) => sum.add(bytes),
    );
    snapshots.push({ path, temporary });
    const { size, mtime } = file.statSync();
    file.close();
    return { size, mtime: mtime?.getTime() ?? 0, sum: sum.value };
  };
  try {
    const header: Omit<Header, "generation"> = {
      queuectl: "journal",
      version: 1,
      base: moment.base,
      chain: moment.chain,
      jobs: write(paths.jobs, moment.jobs, before.jobs),
      dlq: write(paths.dlq, moment.dlq, before.dlq),
      state: moment.state,
    };
    return { ...writeNextJournal(paths, header, before.generation, owner), snapshots };
  } catch (error) {
    for (const { temporary } of snapshots) removeIfThere(temporary);
    throw fileError(error, `cannot write into ${paths.directory}`);
  }
}

/** Writes a journal of a generation that nobody has used yet. */
function writeNextJournal(
  paths: Paths,
  content: Omit<Header, "generation">,
  before: number,
  owner: Owner | undefined,
): Pick<Prepared, "header" | "journal"> {
  const used = nextJournals(paths).map((next) => next.generation);
  for (let generation = Math.max(before, ...used) + 1;; generation++) {
    const header: Header = { ...content, generation };
    const text = encode(header, HEADER_CHAIN).text;
    try {
      return { header, journal: writeTemporary(nextJournalPath(paths, generation), [text], owner) };
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/**
 * True if a file holds this text already, and is the one that the journal's header names. One that is
 * long is not read for that.
 */
function holds(path: string, pieces: readonly string[], mark: FileMark): boolean {
  // A character takes a byte at least: what is too long need not be compared.
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return length <= mark.size && mark.size < LONG_BYTES && isStill(path, mark) &&
    readTextIfThere(path) === pieces.join("");
}

/** True if a snapshot is still the file that a journal's header names. */
export function isStill(path: string, mark: FileMark): boolean {
  const stat = ifThere(() => Deno.statSync(path));
  return stat?.size === mark.size && stat.mtime?.getTime() === mark.mtime;
}

/**
 * Puts everything in place: steps 6 to 8. Under the queue's lock.
 *
 * What fails before the first rename leaves everything as it was. What fails after it leaves the
 * next journal beside, as it alone vouches for the new snapshots.
 */
export function commit(
  paths: Paths,
  prepared: Prepared,
  linesSince: Uint8Array,
  fault: FaultPoint,
): void {
  const { journal, header, snapshots } = prepared;
  try {
    writeAll(journal.file, linesSince);
    if (linesSince.length > 0) journal.file.syncSync();
    syncDirectory(paths.directory);
  } catch (error) {
    discard(prepared);
    throw fileError(error, `cannot write ${journal.path}`);
  }
  journal.file.close();
  fault("checkpoint written beside");
  for (const { path, temporary } of snapshots) {
    Deno.renameSync(temporary, path);
    fault(`checkpoint renamed ${path.slice(paths.directory.length + 1)}`);
  }
  syncDirectory(paths.directory);
  fault("checkpoint synced the snapshots");
  Deno.renameSync(journal.path, paths.journal);
  fault("checkpoint renamed the journal");
  syncDirectory(paths.directory);
  for (const left of nextJournals(paths)) {
    if (left.generation <= header.generation) removeIfThere(left.path);
  }
}

/** Removes what `prepare` wrote. */
export function discard({ journal, snapshots }: Prepared): void {
  journal.file.close();
  removeIfThere(journal.path);
  for (const { temporary } of snapshots) removeIfThere(temporary);
}
