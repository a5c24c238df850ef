/**
 * A change of a job as the difference that it makes: a few fields, and perhaps that a run ended.
 *
 * Promises:
 * 3. Each field's value is absolute, and a run's history entry is known by its run: a change that is
 *    made again on a newer record, with what came after it, gives the newer record.
 */
import { type HistoryEntry, type Job, MAX_HISTORY } from "./job.ts";

/** Some fields of a job have other values, some are gone, and perhaps a run has ended. */
export interface JobChange {
  readonly set: Partial<Job> & { readonly id: string };
  readonly unset?: readonly (keyof Job)[];
  readonly ran?: HistoryEntry | EndOfRun;
}

/** The run that goes on ended so: the rest of its history entry stands in the job, whose fields of a run go. */
type EndOfRun = Pick<HistoryEntry, "run" | "exit_code" | "signal" | "error">;

/** The record after a change. */
export function changed(before: Job, { set, unset, ran }: JobChange): Job {
  const end = ran && !("attempt" in ran) ? ran : undefined;
  const rest = end ? withoutRun(before) : before;
  const after: Job = { ...(unset ? without(rest, unset) : rest), ...set };
  const history = before.history ?? [];
  if (!ran || history.some(({ run }) => run === ran.run)) return after;
  // A newer record whose history has had its longest length since then.
  if (end && (before.run ?? "") !== end.run) return after;
  const entry = end ? entryOf(before, after.updated_at, end) : ran as HistoryEntry;
  return { ...after, history: withEntry(history, entry) };
}

function without(job: Job, unset: readonly (keyof Job)[]): Job {
  const kept = Object.entries(job).filter(([name]) => !unset.includes(name as keyof Job));
  return Object.fromEntries(kept) as unknown as Job;
}

/** That these fields go, as far as a job has them. */
export function dropping(job: Job, names: readonly (keyof Job)[]): Pick<JobChange, "unset"> {
  const unset = names.filter((name) => name in job);
  return unset.length > 0 ? { unset } : {};
}

/** The fields that belong to a run while it goes on. */
export const RUN_FIELDS = ["worker", "run", "lease_expires_at", "waited_seconds"] as const;

/** The job without them. */
export function withoutRun(job: Job): Job {
  const {
    worker: _worker,
    run: _run,
    lease_expires_at: _lease,
    waited_seconds: _waited,
    ...rest
  } = job;
  return rest;
}

/** The entry of the run that a job says that goes on. */
export function entryOf(
  job: Job,
  finishedAt: string,
  { run, ...result }: EndOfRun,
): HistoryEntry {
  const { waited_seconds } = job;
  return {
    run,
    attempt: job.attempts,
    worker: job.worker ?? "",
    started_at: job.started_at ?? finishedAt,
    finished_at: finishedAt,
    ...(waited_seconds === undefined ? {} : { waited_seconds }),
    ...result,
  };
}

/** A history with one more entry; the oldest make room. */
export function withEntry(
  history: readonly HistoryEntry[],
  entry: HistoryEntry,
): readonly HistoryEntry[] {
  return [...history, entry].slice(-MAX_HISTORY);
}
