/**
 * From files to memory.
 *
 * `hold` opens all files under the lock, so that they belong together: what replaces one of them
 * later leaves the open one as it was. `load` then reads them without the lock.
 *
 * Promises:
 * 4. A kill or a power cut between any two steps of a checkpoint is no loss: newer snapshots under
 *    an older journal give the same jobs.
 * 5. A job is in exactly one place once the journal is replayed.
 */
import { corrupt, QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import { ifThere } from "../machine/io.ts";
import { readLines, readPieces, readText } from "../machine/text_file.ts";
import { sumOfPieces } from "./checksum.ts";
import { Journal } from "./journal.ts";
import type { Header, Line } from "./journal_line.ts";
import { nextJournals, type Paths } from "./paths.ts";
import { buryHopeless } from "../rules/bury_dependents.ts";
import { circleText, findCircle } from "../rules/dependencies.ts";
import { idOf, type Keep, Records } from "../rules/records.ts";
import { isAsMarked, isUntouched, parseEdited, parseKept, type Snapshot } from "./snapshot.ts";

/** The open files, and how far the journal went under the lock. */
export interface OpenFiles {
  readonly jobs: Deno.FsFile | undefined;
  readonly dlq: Deno.FsFile | undefined;
  readonly journal: Journal | undefined;
  readonly journalEnd: number;
}

/** How the snapshots fit the journal's header. */
export type Fit =
  /** They are what the header says. */
  | { readonly kind: "as written" }
  /** There are no files yet, or no journal. */
  | {
    readonly kind: "missing";
    /** True if there was one: the snapshots are queuectl's own. */
    readonly lost: boolean;
  }
  /** The same jobs, but other files: a copy, or a checkpoint that was cut off. */
  | { readonly kind: "touched" }
  /** A hand has edited them. */
  | {
    readonly kind: "edited";
    /** What the edit says of jobs that the journal knew too. */
    readonly disputed: readonly Job[];
    /** True if both snapshots were emptied although the journal had lines: it counts no more. */
    readonly emptied: boolean;
  };

export interface LoadedQueue {
  readonly records: Records;
  readonly fit: Fit;
}

/** What a hand-edited record gets for what it lacks. */
interface LoadDefaults {
  readonly now: string;
  readonly maxRetries: number;
}

/** What to keep in memory. */
export interface Keeping {
  /** Of a long queue whose files are as they were written; of any other everything is kept. */
  readonly keep: Keep;
  /** From how many bytes on the snapshots are long. */
  readonly longBytes: number;
}

/** True if a queue whose journal has this header is long. */
export function isLong({ jobs, dlq }: Header, { longBytes }: Keeping): boolean {
  return jobs.size + dlq.size >= longBytes;
}

/** How to load. */
interface LoadOptions extends LoadDefaults, Keeping {}

/** Opens all files. Under the lock. */
export function hold(paths: Paths): OpenFiles {
  const journal = ifThere(() => Journal.open(paths.journal));
  let jobs: Deno.FsFile | undefined;
  try {
    jobs = ifThere(() => Deno.openSync(paths.jobs, { read: true }));
    const dlq = ifThere(() => Deno.openSync(paths.dlq, { read: true }));
    return { jobs, dlq, journal, journalEnd: journal?.file.statSync().size ?? 0 };
  } catch (error) {
    jobs?.close();
    journal?.close();
    throw error;
  }
}

/** Reads what `hold` opened, and closes all but the journal. Without the lock. */
export function load(held: OpenFiles, paths: Paths, options: LoadOptions): LoadedQueue {
  try {
    const jobs = read(held.jobs, paths.jobs);
    const dlq = read(held.dlq, paths.dlq);
    if (!held.journal) return adoptAll(jobs, dlq, options);
    const both = { jobs: required(jobs, paths.jobs), dlq: required(dlq, paths.dlq) };
    const { header } = held.journal;
    const known = marksKnown(both, header, paths);
    const isKnown = (name: "jobs" | "dlq"): boolean =>
      known.some((header) => isAsMarked(both[name], header[name]));
    return isKnown("jobs") && isKnown("dlq")
      ? replay(held, held.journal, both, options)
      : replayEdited(held, held.journal, both, options);
  } catch (error) {
    held.journal?.close();
    throw error;
  } finally {
    held.jobs?.close();
    held.dlq?.close();
  }
}

function read(file: Deno.FsFile | undefined, path: string): Snapshot | undefined {
  if (!file) return undefined;
  const { size, mtime } = file.statSync();
  let read: string | undefined;
  return {
    path,
    size,
    mtime: mtime?.getTime() ?? 0,
    // Of a long queue whose files are as they were written this may never be asked for.
    get text() {
      return read ??= readText(file, path);
    },
    lines: () => readLines(file),
    sum: () => sumOfPieces(readPieces(file)),
  };
}

function required(snapshot: Snapshot | undefined, path: string): Snapshot {
  if (snapshot) return snapshot;
  throw corrupt(path, undefined, "the file is missing; to begin without, write [] into it");
}

interface Both {
  readonly jobs: Snapshot;
  readonly dlq: Snapshot;
}

/** The headers that may speak for the snapshots: those beside only if the journal's own does not. */
function marksKnown(both: Both, header: Header, paths: Paths): readonly Header[] {
  const fits = isAsMarked(both.jobs, header.jobs) && isAsMarked(both.dlq, header.dlq);
  return fits ? [header] : [header, ...headersBeside(paths, header.generation)];
}

/**
 * The headers of journals that checkpoints made and did not put in place: a checkpoint that was
 * cut off between its renames leaves snapshots that only such a header knows.
 */
export function headersBeside(paths: Paths, generation: number): readonly Header[] {
  return nextJournals(paths).filter((next) => next.generation > generation).flatMap(({ path }) => {
    try {
      const journal = Journal.open(path);
      journal.close();
      return [journal.header];
    } catch (error) {
      if (error instanceof QueueError || error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** The snapshots are queuectl's own: the queue is what they and the journal say. */
function replay(held: OpenFiles, journal: Journal, both: Both, keeping: Keeping): LoadedQueue {
  const untouched = isUntouched(both.jobs, journal.header.jobs) &&
    isUntouched(both.dlq, journal.header.dlq);
  const records = new Records(untouched && isLong(journal.header, keeping) ? keeping.keep : "all");
  records.restore(journal.header.state);
  const { jobs, completed } = parseKept(both.jobs, records.keep);
  records.load(jobs);
  const inBoth = new Set<string>();
  for (const job of parseKept(both.dlq, records.keep).jobs) {
    if (records.get(job.id)) inBoth.add(job.id);
    records.apply({ put: job });
  }
  records.countCompleted(completed);
  journal.readOn(({ events }) => {
    for (const event of events) {
      records.apply(event);
      if (inBoth.size > 0) inBoth.delete(idOf(event) ?? "");
    }
  }, held.journalEnd);
  const [unclear] = inBoth;
  if (unclear !== undefined) {
    throw corrupt(both.dlq.path, undefined, `job '${unclear}' is in jobs.json too`);
  }
  return { records, fit: { kind: untouched ? "as written" : "touched" } };
}

/**
 * A hand has edited a snapshot. Without lines in the journal, the snapshots are the queue. With
 * lines, what stands in an edited snapshot wins for its ids, and the journal for the others.
 */
function replayEdited(
  held: OpenFiles,
  journal: Journal,
  both: Both,
  defaults: LoadDefaults,
): LoadedQueue {
  const { header } = journal;
  const lines: Line[] = [];
  journal.readOn((line) => lines.push(line), held.journalEnd);
  const touched = new Set(lines.flatMap(({ events }) => events.map(idOf)));

  const { inJobs, inDlq } = parseBoth(both.jobs, both.dlq, journal.next, defaults);
  const records = new Records();
  records.restore(header.state);
  if (inJobs.length + inDlq.length === 0) {
    // Schedules and the pause belong to no job: they stay.
    for (const { events } of lines) {
      for (const event of events) if (idOf(event) === undefined) records.apply(event);
    }
    return { records, fit: { kind: "edited", disputed: [], emptied: lines.length > 0 } };
  }
  const edited = [
    ...(isAsMarked(both.jobs, header.jobs) ? [] : inJobs),
    ...(isAsMarked(both.dlq, header.dlq) ? [] : inDlq),
  ];
  for (const job of [...inJobs, ...inDlq]) records.apply({ put: job });
  for (const { events } of lines) for (const event of events) records.apply(event);
  for (const job of edited) records.apply({ put: job });
  mendDependencies(records, both.jobs.path, defaults.now);
  const disputed = edited.filter((job) => touched.has(job.id));
  return { records, fit: { kind: "edited", disputed, emptied: false } };
}

/** There is no journal: what stands in the snapshots, if there are any, is the queue. */
function adoptAll(
  jobs: Snapshot | undefined,
  dlq: Snapshot | undefined,
  defaults: LoadDefaults,
): LoadedQueue {
  const records = new Records();
  const { inJobs, inDlq } = parseBoth(jobs, dlq, 1, defaults);
  for (const job of [...inJobs, ...inDlq]) records.apply({ put: job });
  if (jobs) mendDependencies(records, jobs.path, defaults.now);
  return { records, fit: { kind: "missing", lost: [jobs, dlq].some(isNumbered) } };
}

/** True if jobs in it have numbers, as no hand gives them. */
function isNumbered(snapshot: Snapshot | undefined): boolean {
  const items: readonly unknown[] = snapshot ? JSON.parse(snapshot.text) : [];
  return items.some((item) => typeof item === "object" && item !== null && "seq" in item);
}

/**
 * What a hand may have written, and no worker would ever run: jobs that wait for each other are
 * refused, and those that wait for one that is lost are buried as if it had been lost now.
 */
function mendDependencies(records: Records, path: string, now: string): void {
  const circle = findCircle(records);
  if (circle) throw corrupt(path, undefined, circleText(circle));
  buryHopeless(records, now);
}

function parseBoth(
  jobs: Snapshot | undefined,
  dlq: Snapshot | undefined,
  seq: number,
  defaults: LoadDefaults,
): { inJobs: readonly Job[]; inDlq: readonly Job[] } {
  const inJobs = jobs ? parseEdited(jobs, { ...defaults, seq }) : [];
  const inDlq = dlq ? parseEdited(dlq, { ...defaults, seq: seq + inJobs.length }) : [];
  const ids = new Set(inJobs.map((job) => job.id));
  const twice = inDlq.find((job) => ids.has(job.id));
  if (twice) throw corrupt(dlq!.path, undefined, `job '${twice.id}' is in jobs.json too`);
  return { inJobs, inDlq };
}
