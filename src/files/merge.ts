/**
 * New snapshots from old ones and the journal: what did not change is copied as it stands. So a
 * checkpoint of a long queue need have none of its jobs in memory, and writes none of them anew.
 *
 * Promises:
 * 3. What the journal says of a job is replayed on the line that the job has: the same as if all
 *    lines had been read and all events replayed.
 * 5. A job is in exactly one of the new snapshots.
 */
import { readTextIfThere } from "../machine/io.ts";
import type { Job } from "../model/job.ts";
import { afterEvent, idOf, type QueueEvent } from "../rules/records.ts";
import type { Taken } from "./checkpoint.ts";
import { Journal } from "./journal.ts";
import type { Line } from "./journal_line.ts";
import type { Paths } from "./paths.ts";
import { type Content, isStill, type Merged, type Moment } from "./replace_snapshots.ts";
import { PIECE } from "./snapshot.ts";

/** A snapshot as queuectl writes it. */
interface Old {
  readonly text: string;
  /** Where the first line of a job begins, and where the last one has ended. */
  readonly begin: number;
  readonly end: number;
  /** The lines that the journal touches. */
  readonly touched: readonly TouchedLine[];
}

interface TouchedLine {
  readonly id: string;
  readonly begin: number;
  /** Behind what separates it from the next line. */
  readonly end: number;
}

/** From here to there another line stands, or none. */
interface Edit {
  readonly begin: number;
  readonly end: number;
  readonly line?: string;
}

/** What the journal says of the jobs that it knows, in order. */
type EventsOfJobs = ReadonlyMap<string, readonly QueueEvent[]>;

/**
 * The rest of a checkpoint's first step, for a long queue: what the snapshots will hold, from the
 * old ones and the journal. Without the queue's lock: the checkpoint's own sees to it that they
 * stay where they are.
 *
 * @returns undefined if a hand has been at the snapshots
 */
export function mergedMoment(paths: Paths, { header, offset, end }: Taken): Moment | undefined {
  if (!isStill(paths.jobs, header.jobs) || !isStill(paths.dlq, header.dlq)) return undefined;
  const journal = Journal.open(paths.journal);
  try {
    const lines: Line[] = [];
    if (journal.header.generation !== header.generation) return undefined;
    journal.readOn((line) => lines.push(line), offset);
    const merged = merge(paths, lines);
    return merged && { ...merged, ...end };
  } finally {
    journal.close();
  }
}

/**
 * Merges the lines of the journal into the snapshots that it began with.
 *
 * @returns undefined if a snapshot is not as queuectl writes it
 */
export function merge(paths: Paths, lines: readonly Line[]): Merged | undefined {
  const events = eventsOfJobs(lines);
  const jobs = scan(paths.jobs, events);
  const dlq = scan(paths.dlq, events);
  if (!jobs || !dlq) return undefined;
  const now = new Map<string, Job | undefined>();
  for (const { text, touched } of [jobs, dlq]) {
    for (const { id, begin, end } of touched) {
      if (now.has(id)) return undefined;
      now.set(id, events.get(id)!.reduce(afterEvent, jobAt(text, begin, end)));
    }
  }
  for (const [id, changes] of events) {
    if (!now.has(id)) now.set(id, changes.reduce(afterEvent, undefined as Job | undefined));
  }
  const all = [...now.values()].filter((job) => job !== undefined);
  return {
    jobs: contentOf(jobs, all.filter(({ state }) => state !== "dead")),
    dlq: contentOf(dlq, all.filter(({ state }) => state === "dead")),
  };
}

function eventsOfJobs(lines: readonly Line[]): EventsOfJobs {
  const events = new Map<string, QueueEvent[]>();
  for (const event of lines.flatMap((line) => line.events)) {
    const id = idOf(event);
    if (id === undefined) continue;
    const known = events.get(id);
    if (known) known.push(event);
    else events.set(id, [event]);
  }
  return events;
}

const BEGINNING = '{"id":"';

/** Finds the lines that the journal touches; undefined if there are lines of another kind. */
function scan(path: string, events: EventsOfJobs): Old | undefined {
  const text = readTextIfThere(path) ?? "[]\n";
  if (text === "[]\n") return { text, begin: 0, end: 0, touched: [] };
  const begin = "[\n".length;
  const end = text.length - "]\n".length;
  if (!text.startsWith("[\n{") || !text.endsWith("}\n]\n")) return undefined;
  const touched: TouchedLine[] = [];
  for (let at = begin; at < end;) {
    const next = text.indexOf("\n", at) + 1;
    if (!text.startsWith(BEGINNING, at)) return undefined;
    // Ids have no characters that JSON would write otherwise.
    const id = text.slice(at + BEGINNING.length, text.indexOf('"', at + BEGINNING.length));
    if (events.has(id)) touched.push({ id, begin: at, end: next });
    at = next;
  }
  return { text, begin, end, touched };
}

function jobAt(text: string, begin: number, end: number): Job | undefined {
  return JSON.parse(withoutSeparator(text, begin, end));
}

/** A part of a snapshot without the comma and the end of line behind it. */
function withoutSeparator(text: string, begin: number, end: number): string {
  return text.slice(begin, text.endsWith(",\n", end) ? end - 2 : end - 1);
}

function contentOf(old: Old, jobs: readonly Job[]): Content {
  if (old.touched.length === 0 && jobs.length === 0) return "unchanged";
  const here = new Map(jobs.map((job) => [job.id, job]));
  const edits = old.touched.map(({ id, begin, end }): Edit => {
    const job = here.get(id);
    // Another job of this name, enqueued when the first was gone, comes behind the others.
    if (!job || job.seq !== seqAt(old.text, begin)) return { begin, end };
    here.delete(id);
    return { begin, end, line: JSON.stringify(job) };
  });
  const added = [...here.values()].sort((a, b) => a.seq - b.seq);
  // What is put before a line comes before what is made of that line.
  const inOrder = [...insertions(old, added), ...edits]
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  return edited(old, inOrder);
}

/** New jobs come behind all others; those that come from the other file stand between them. */
function insertions(old: Old, jobs: readonly Job[]): readonly Edit[] {
  const { text, begin, end } = old;
  const lastLine = text.lastIndexOf("\n", end - 2) + 1;
  const last = end > begin ? seqAt(text, lastLine) : -1;
  let at = begin;
  return jobs.map((job) => {
    if (job.seq > last) at = end;
    while (at < end && seqAt(text, at) < job.seq) at = text.indexOf("\n", at) + 1;
    return { begin: at, end: at, line: JSON.stringify(job) };
  });
}

/** The order of arrival of the job on the line that begins there: no text has these characters before a number. */
function seqAt(text: string, begin: number): number {
  const field = /"seq":(\d+)/g;
  field.lastIndex = begin;
  return Number(field.exec(text)?.[1] ?? 0);
}

/** The lines of a snapshot with these edits, in order; what lies between them in pieces. */
function* edited({ text, begin, end }: Old, edits: readonly Edit[]): Generator<string> {
  let at = begin;
  for (const edit of edits) {
    yield* copied(text, at, edit.begin);
    if (edit.line !== undefined) yield edit.line;
    at = edit.end;
  }
  yield* copied(text, at, end);
}

/** Whole lines, some at a time. */
function* copied(text: string, begin: number, end: number): Generator<string> {
  for (let at = begin; at < end;) {
    const cut = at + PIECE < end ? text.lastIndexOf("\n", at + PIECE) + 1 : end;
    const next = cut > at ? cut : text.indexOf("\n", at) + 1;
    yield withoutSeparator(text, at, next);
    at = next;
  }
}
