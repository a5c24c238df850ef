/**
 * The snapshots `jobs.json` and `dlq.json`: a JSON array with one job a line.
 *
 * Promises:
 * 6. A snapshot that cannot be understood stops the command with `corrupt`, its name and the line.
 */
import { corrupt, QueueError } from "../model/errors.ts";
import { type Job, STATES } from "../model/job.ts";
import { parseRecord, type RecordDefaults } from "../model/record.ts";
import { describeSyntaxError, linesOfItems } from "../model/json_faults.ts";
import type { FileMark } from "./journal_line.ts";
import type { Keep } from "../rules/records.ts";

/** A snapshot as it was read. */
export interface Snapshot {
  readonly path: string;
  /** All of it. */
  readonly text: string;
  readonly size: number;
  readonly mtime: number;
  /** The same a line at a time, without the ends of lines: of a long queue that takes far less memory. */
  lines(): Iterable<string>;
  /** The checksum of its bytes. */
  sum(): string;
}

/**
 * From this many bytes on, both together, snapshots are long: they are read and merged a line at a time, and
 * not all of them is kept in memory.
 */
export const LONG_BYTES = 1024 * 1024;

/** About how many characters are written at a time. */
const PIECE = 256 * 1024;

/** The text of a snapshot in pieces, from the lines of its jobs, which stand in order of arrival. */
export function* piecesOf(lines: Iterable<string>): Generator<string> {
  let piece = "";
  let isEmpty = true;
  for (const line of lines) {
    piece += isEmpty ? `[\n${line}` : `,\n${line}`;
    isEmpty = false;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield isEmpty ? "[]\n" : `${piece}\n]\n`;
}

/** True if a snapshot looks like the very file that a journal's header names. */
export function isUntouched(snapshot: Snapshot, mark: FileMark): boolean {
  return snapshot.size === mark.size && snapshot.mtime === mark.mtime;
}

/** True if a snapshot is that file or says the same, as a copy does. */
export function isAsMarked(snapshot: Snapshot, mark: FileMark): boolean {
  if (isUntouched(snapshot, mark)) return true;
  return snapshot.size === mark.size && snapshot.sum() === mark.sum;
}

/**
 * The jobs in a snapshot that queuectl wrote.
 *
 * @throws {QueueError} `corrupt`
 */
function parseOwn(snapshot: Snapshot): readonly Job[] {
  const lines = snapshot.size < LONG_BYTES ? undefined : parseLines(snapshot, () => true);
  return lines ?? parseWhole(snapshot);
}

/** However it is laid out; with every fault named by its line. */
function parseWhole(snapshot: Snapshot): readonly Job[] {
  const items = parseArray(snapshot);
  const bad = items.findIndex((item) => !isRecord(item));
  if (bad >= 0) {
    throw corrupt(snapshot.path, linesOfItems(snapshot.text)[bad], "this is no record of a job");
  }
  return items as readonly Job[];
}

/** What was read of a snapshot. */
export interface Kept {
  readonly jobs: readonly Job[];
  /** How many jobs are there besides, all of them completed. */
  readonly completed: number;
}

/**
 * The jobs in a snapshot that queuectl wrote, as far as they are kept: the others are not even parsed.
 *
 * @throws {QueueError} `corrupt`
 */
export function parseKept(snapshot: Snapshot, keep: Keep): Kept {
  if (keep === "all") return { jobs: parseOwn(snapshot), completed: 0 };
  if (keep === "unfinished") return parseUnfinished(snapshot, 0);
  if ("newest" in keep) return parseUnfinished(snapshot, keep.newest);
  return { jobs: parseNamed(snapshot, keep), completed: 0 };
}

/** The jobs with these ids: a job's line, and no other, begins with its id. */
function parseNamed(snapshot: Snapshot, ids: ReadonlySet<string>): readonly Job[] {
  if (ids.size === 0) return [];
  const beginnings = [...ids].map((id) => `{"id":${JSON.stringify(id)},`);
  const isNamed = (line: string): boolean => beginnings.some((each) => line.startsWith(each));
  return parseLines(snapshot, isNamed) ?? parseWhole(snapshot);
}

/**
 * Where this stands first in a line the job's own state does: a quotation mark inside of a text has a
 * backslash before it, and only the id and the command come before.
 */
const STATE = '","state":"';
const COMPLETED = `${STATE}completed","attempts":`;

/** True for the line of a completed job. */
function isCompleted(line: string): boolean {
  return line.startsWith(COMPLETED, line.indexOf(STATE));
}

/** The jobs that are not completed, and the last `newest` of those that are: they stand in order of arrival. */
function parseUnfinished(snapshot: Snapshot, newest: number): Kept {
  if (snapshot.size < LONG_BYTES) return unfinishedOf(parseWhole(snapshot), newest);
  let completed = 0;
  const last: string[] = [];
  const unfinished = parseLines(snapshot, (line) => {
    if (!isCompleted(line)) return true;
    if (newest > 0) last[completed % newest] = line;
    completed++;
    return false;
  });
  const newestOnes = unfinished && checkedJobs(last);
  if (!newestOnes) return { jobs: parseWhole(snapshot), completed: 0 };
  return { jobs: [...unfinished, ...newestOnes], completed: completed - last.length };
}

function unfinishedOf(jobs: readonly Job[], newest: number): Kept {
  const completed = jobs.filter(({ state }) => state === "completed");
  const last = completed.slice(Math.max(0, completed.length - newest));
  const unfinished = jobs.filter(({ state }) => state !== "completed");
  return { jobs: [...unfinished, ...last], completed: completed.length - last.length };
}

/** The job on a line of a snapshot. */
export function jobOn(line: string): Job {
  return JSON.parse(lineOf(line));
}

/** A line of a snapshot without what separates it from the next. */
export function lineOf(line: string): string {
  return line.endsWith(",") ? line.slice(0, -1) : line;
}

/** The jobs on these lines; undefined if one is none. */
function checkedJobs(lines: readonly string[]): readonly Job[] | undefined {
  try {
    const jobs: readonly unknown[] = lines.map(jobOn);
    return jobs.every(isRecord) ? jobs : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The jobs on those lines that are wanted.
 *
 * @returns undefined if the snapshot is not laid out as `piecesOf` does it
 */
function parseLines(
  snapshot: Snapshot,
  isWanted: (line: string) => boolean,
): readonly Job[] | undefined {
  const jobs: Job[] = [];
  let closed = false;
  try {
    for (const line of snapshot.lines()) {
      if (line === "[" || line === "" || line === "[]") continue;
      if (closed) return undefined;
      if (line === "]") closed = true;
      else if (line.startsWith("{") && isWanted(line)) {
        const job: unknown = jobOn(line);
        if (!isRecord(job)) return undefined;
        jobs.push(job);
      } else if (!line.startsWith("{")) return undefined;
    }
  } catch {
    return undefined;
  }
  return jobs;
}

/**
 * The jobs in a snapshot that a hand has edited: every field is checked, what is missing is set.
 *
 * @param defaults what a record gets that lacks a field; its `seq` is for the first such record
 * @throws {QueueError} `corrupt`
 */
export function parseEdited(snapshot: Snapshot, defaults: RecordDefaults): readonly Job[] {
  let seq = defaults.seq;
  const seen = new Set<string>();
  return parseArray(snapshot).map((item, index) => {
    try {
      const job = parseRecord(item, { ...defaults, seq });
      if (job.seq === seq) seq++;
      if (seen.has(job.id)) throw new QueueError("usage", `the id '${job.id}' is there twice`);
      seen.add(job.id);
      return job;
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      throw corrupt(snapshot.path, linesOfItems(snapshot.text)[index], error.message);
    }
  });
}

/** A quick look at what matters to the program; the checksum has vouched for the rest. */
function isRecord(item: unknown): item is Job {
  const job = item as Job | null;
  return typeof job === "object" && job !== null && typeof job.id === "string" &&
    typeof job.command === "string" && STATES.includes(job.state) &&
    Number.isInteger(job.attempts) && Number.isInteger(job.max_retries) &&
    Number.isInteger(job.seq);
}

function parseArray({ path, text }: Snapshot): readonly unknown[] {
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch (error) {
    const { line, what } = describeSyntaxError(text, error);
    throw corrupt(path, line, what);
  }
  if (!Array.isArray(items)) throw corrupt(path, 1, "this is no JSON array of jobs");
  return items;
}
