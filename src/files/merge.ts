/**
 * New snapshots from old ones and the journal: what did not change is copied as it stands. So a
 * checkpoint of a long queue need have none of its jobs in memory, and writes none of them anew.
 *
 * Promises:
 * 3. What the journal says of a job is replayed on the line that the job has: the same as if all
 *    lines had been read and all events replayed.
 * 5. A job is in exactly one of the new snapshots.
 */
import { ifThere } from "../machine/io.ts";
import { readLines } from "../machine/text_file.ts";
import type { Job } from "../model/job.ts";
import { afterEvent, idOf, type QueueEvent } from "../rules/records.ts";
import { Journal } from "./journal.ts";
import type { Header, Line } from "./journal_line.ts";
import type { Paths } from "./paths.ts";
import { type Content, isStill, type Merged, type Moment } from "./replace_snapshots.ts";
import { jobOn, lineOf } from "./snapshot.ts";

/** A snapshot as queuectl writes it. */
interface Old {
  readonly path: string;
  /** The jobs that the journal touches, as they stand there. */
  readonly touched: ReadonlyMap<string, Job>;
  /** The order of arrival of the last job; -1 if there is none. */
  readonly last: number;
}

/** What the journal says of the jobs that it knows, in order. */
type EventsOfJobs = ReadonlyMap<string, readonly QueueEvent[]>;

/** Where a checkpoint begins, and what stands in its header besides the jobs. */
interface Beginning {
  readonly header: Header;
  /** Where the lines begin that will not be in the snapshots. */
  readonly offset: number;
  readonly end: Pick<Moment, "state" | "base" | "chain">;
}

/**
 * The rest of a checkpoint's first step, for a long queue: what the snapshots will hold, from the
 * old ones and the journal. Without the queue's lock: the checkpoint's own sees to it that they
 * stay where they are.
 *
 * @returns undefined if a hand has been at the snapshots
 */
export function mergedMoment(
  paths: Paths,
  { header, offset, end }: Beginning,
): Moment | undefined {
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
  const before = new Map([...jobs.touched, ...dlq.touched]);
  // Somebody has put a job into both.
  if (before.size < jobs.touched.size + dlq.touched.size) return undefined;
  const now = [...events].map(([id, changes]) => changes.reduce(afterEvent, before.get(id)))
    .filter((job) => job !== undefined);
  return {
    jobs: contentOf(jobs, now.filter(({ state }) => state !== "dead")),
    dlq: contentOf(dlq, now.filter(({ state }) => state === "dead")),
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

/** Finds the jobs that the journal touches; undefined if there are lines of another kind. */
function scan(path: string, events: EventsOfJobs): Old | undefined {
  const touched = new Map<string, Job>();
  let last: string | undefined;
  let closed = false;
  let isFirst = true;
  for (const line of linesOf(path)) {
    if (closed) return undefined;
    if (isFirst || line === "]") {
      closed = line === "[]" || (line === "]" && last !== undefined);
      if (!closed && !(isFirst && line === "[")) return undefined;
      isFirst = false;
      continue;
    }
    if (!line.startsWith(BEGINNING)) return undefined;
    const id = idOn(line);
    if (touched.has(id)) return undefined;
    if (events.has(id)) touched.set(id, jobOn(line));
    last = line;
  }
  return closed ? { path, touched, last: last === undefined ? -1 : seqOn(last) } : undefined;
}

/** A snapshot that is not there holds nothing. */
function* linesOf(path: string): Generator<string> {
  const file = ifThere(() => Deno.openSync(path, { read: true }));
  if (!file) return yield "[]";
  try {
    yield* readLines(file);
  } finally {
    file.close();
  }
}

/** Ids have no characters that JSON would write otherwise. */
function idOn(line: string): string {
  return line.slice(BEGINNING.length, line.indexOf('"', BEGINNING.length));
}

/** The order of arrival of the job on a line: no text has these characters before a number. */
function seqOn(line: string): number {
  return Number(/"seq":(\d+)/.exec(line)?.[1] ?? 0);
}

function contentOf(old: Old, jobs: readonly Job[]): Content {
  if (old.touched.size === 0 && jobs.length === 0) return "unchanged";
  const added = new Map(jobs.map((job) => [job.id, job]));
  const instead = new Map<string, Job | undefined>();
  for (const [id, before] of old.touched) {
    const job = added.get(id);
    // Another job of this name, enqueued when the first was gone, comes behind the others.
    const isSame = job?.seq === before.seq;
    instead.set(id, isSame ? job : undefined);
    if (isSame) added.delete(id);
  }
  return merged(old, instead, [...added.values()].sort((a, b) => a.seq - b.seq));
}

/**
 * The lines of a new snapshot: the old ones, of which some stand otherwise or go, and others. New jobs
 * come behind all others; those that come from the other file stand between them.
 */
function* merged(
  { path, last }: Old,
  instead: ReadonlyMap<string, Job | undefined>,
  added: readonly Job[],
): Generator<string> {
  const back = added.filter(({ seq }) => seq <= last);
  let next = 0;
  for (const line of linesOf(path)) {
    if (!line.startsWith(BEGINNING)) continue;
    for (const seq = next < back.length ? seqOn(line) : 0; next < back.length; next++) {
      if (back[next]!.seq > seq) break;
      yield JSON.stringify(back[next]);
    }
    const id = idOn(line);
    if (!instead.has(id)) yield lineOf(line);
    else if (instead.get(id)) yield JSON.stringify(instead.get(id));
  }
  for (const job of added.slice(next)) yield JSON.stringify(job);
}
