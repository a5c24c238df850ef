/**
 * What a transaction changes of a job is usually a few fields: the journal says only these, so a
 * line costs the same for a long command and a long history as for short ones.
 *
 * Promises:
 * 3. Each field's value is absolute, and a run's history entry is known by its run: replaying a
 *    change on a newer record, and what came after it too, gives the newer record. A job that
 *    moves between `jobs.json` and `dlq.json` is told whole: between the two renames of a
 *    checkpoint it may stand in neither of them. So is one that begins anew: workers do not keep
 *    jobs that have ended.
 */
import { type HistoryEntry, isEnded, type Job, MAX_HISTORY } from "../model/job.ts";
import { historyEntry, withoutRun } from "../model/transitions.ts";
import type { EndOfRun, JobChange, QueueEvent } from "./records.ts";

/** The shortest event that makes `after` of `before`. */
export function lean(before: Job | undefined, after: Job): QueueEvent {
  if (!before || isDead(before) !== isDead(after)) return { put: after };
  if (isEnded(before.state) && !isEnded(after.state)) return { put: after };
  const ran = newEntry(before.history, after.history);
  const end = ran && endOf(before, after, ran);
  const set: Record<string, unknown> = { id: after.id };
  for (const name in after) {
    if (name === "history" && (ran || after.history === before.history)) continue;
    const key = name as keyof Job;
    if (after[key] !== before[key]) set[key] = after[key];
  }
  const known = end ? withoutRun(before) : before;
  const unset = Object.keys(known).filter((name) => !(name in after)) as (keyof Job)[];
  return {
    set: set as JobChange["set"],
    ...(unset.length > 0 ? { unset } : {}),
    ...(ran ? { ran: end ?? ran } : {}),
  };
}

function isDead(job: Job): boolean {
  return job.state === "dead";
}

/** The entry by which a history has grown, if that is all that happened to it. */
function newEntry(
  before: readonly HistoryEntry[] = [],
  after: readonly HistoryEntry[] = [],
): HistoryEntry | undefined {
  const grown = after.length === Math.min(before.length + 1, MAX_HISTORY);
  return grown && after !== before && after.at(-2) === before.at(-1) ? after.at(-1) : undefined;
}

/** The entry without what the job before says of its run; undefined if more happened than that this run ended. */
function endOf(before: Job, after: Job, entry: HistoryEntry): EndOfRun | undefined {
  if (before.run !== entry.run || saysOfRun(after)) return undefined;
  const { run, exit_code, signal, error } = entry;
  const end: EndOfRun = {
    run,
    ...(exit_code === undefined ? {} : { exit_code }),
    ...(signal === undefined ? {} : { signal }),
    ...(error === undefined ? {} : { error }),
  };
  return isSame(entryOf(before, after, end), entry) ? end : undefined;
}

function saysOfRun({ worker, run, lease_expires_at, waited_seconds }: Job): boolean {
  return [worker, run, lease_expires_at, waited_seconds].some((value) => value !== undefined);
}

function isSame(a: HistoryEntry, b: HistoryEntry): boolean {
  const names = Object.keys(a) as (keyof HistoryEntry)[];
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function entryOf(before: Job, after: Job, { run: _run, ...result }: EndOfRun): HistoryEntry {
  return historyEntry(before, after.updated_at, result);
}

/** The record after a change. */
export function changed(before: Job, { set, unset, ran }: JobChange): Job {
  const end = ran && !("attempt" in ran) ? ran : undefined;
  const rest = end ? withoutRun(before) : before;
  const after: Job = { ...(unset ? without(rest, unset) : rest), ...set };
  const history = before.history ?? [];
  if (!ran || history.some(({ run }) => run === ran.run)) return after;
  // A newer record whose history has had its longest length since then.
  if (end && before.run !== end.run) return after;
  const entry = end ? entryOf(before, after, end) : ran as HistoryEntry;
  return { ...after, history: [...history, entry].slice(-MAX_HISTORY) };
}

function without(job: Job, unset: readonly (keyof Job)[]): Job {
  const kept = Object.entries(job).filter(([name]) => !unset.includes(name as keyof Job));
  return Object.fromEntries(kept) as unknown as Job;
}
