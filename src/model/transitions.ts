/**
 * The table of states, as code: what each event makes of a job. Nothing else in the program decides it.
 *
 *   pending, failed        -> processing  [claimed]
 *   processing             -> completed, failed, dead, pending  [settled]
 *   cancelled              -> cancelled, its run over  [settled]
 *   pending, failed, processing -> cancelled  [cancelled]
 *   dead, cancelled        -> pending, attempts 0  [revived]
 *   failed                 -> pending, due now  [hastened]
 *   completed              -> pending, attempts 0, if forced  [revived]
 *   all but processing and completed -> the same state, other fields  [edited]
 *   pending, failed        -> dead  [buriedWith, when a dependency ended dead or cancelled]
 */
import { backoffSeconds } from "./backoff.ts";
import type { Config } from "./config.ts";
import { formatDuration, MAX_SECONDS } from "./duration.ts";
import type { HistoryEntry, Job, NewJob } from "./job.ts";
import {
  changed,
  dropping,
  entryOf,
  type JobChange,
  RUN_FIELDS,
  withEntry,
  withoutRun,
} from "./job_change.ts";

/** How a run ended: a closed set. */
export type Outcome =
  | { readonly kind: "exited"; readonly exit_code: number; readonly last_line?: string }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "timed_out"; readonly after_seconds: number }
  | { readonly kind: "not_started"; readonly reason: string }
  | { readonly kind: "worker_lost" }
  | { readonly kind: "interrupted" };

/** What a transition needs to know besides the job. */
export interface Circumstances {
  /** ISO 8601 in UTC. */
  readonly now: string;
  readonly config: Config;
  readonly random: () => number;
}

/** A run that a worker begins. */
interface NewRun {
  readonly run: string;
  readonly worker: string;
  /** ISO 8601 in UTC. */
  readonly now: string;
  readonly lease_expires_at: string;
  /** Undefined if that is not known. */
  readonly waited_seconds: number | undefined;
}

/**
 * When the lease of a run ends that is begun or prolonged now, ISO 8601 in UTC.
 *
 * @param now milliseconds since 1970
 */
export function leaseEnd(now: number, { lease_seconds }: Config): string {
  return new Date(now + lease_seconds * 1000).toISOString();
}

/** A worker takes the job: one more run starts. */
export function claiming(job: Job, run: NewRun): JobChange {
  const { waited_seconds } = run;
  return {
    set: {
      id: job.id,
      state: "processing",
      attempts: job.attempts + 1,
      updated_at: run.now,
      started_at: run.now,
      worker: run.worker,
      run: run.run,
      lease_expires_at: run.lease_expires_at,
      // A hand may have written a time of long ago.
      ...(waited_seconds === undefined
        ? {}
        : { waited_seconds: Math.min(waited_seconds, MAX_SECONDS) }),
    },
    ...dropping(job, ["run_at", "finished_at", "exit_code", "error"]),
  };
}

/** The job with which that was done. */
export function claimed(job: Job, run: NewRun): Job {
  return changed(job, claiming(job, run));
}

const INTERRUPTED = "interrupted by a forced stop";
const CANCELLED = "cancelled";

/** How a run that is over counts: what was cut off by people is neither a success nor a failure. */
export function resultOf(run: HistoryEntry): "succeeded" | "failed" | "cut off" {
  if (run.exit_code === 0) return "succeeded";
  return run.error === INTERRUPTED || run.error === CANCELLED ? "cut off" : "failed";
}

/** What went wrong in a run, in one sentence; nothing if nothing did. */
export function errorOf(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case "exited":
      if (outcome.exit_code === 0) return undefined;
      return `exit code ${outcome.exit_code}${outcome.last_line ? `: ${outcome.last_line}` : ""}`;
    case "signalled":
      return `ended by ${outcome.signal}`;
    case "timed_out":
      return `timed out after ${formatDuration(outcome.after_seconds)}`;
    case "not_started":
      return `could not start: ${outcome.reason}`;
    case "worker_lost":
      return "worker lost";
    case "interrupted":
      return INTERRUPTED;
  }
}

/** A run ended: completed, to be retried after the backoff, dead, or put back. */
export function settling(
  job: Job,
  outcome: Outcome,
  { now, config, random }: Circumstances,
): JobChange {
  const { id, attempts, run = "" } = job;
  if (job.state === "cancelled") return { set: { id }, ...dropping(job, RUN_FIELDS) };
  const at = { updated_at: now, finished_at: now };
  const error = errorOf(outcome);
  if (error === undefined) {
    return { set: { id, state: "completed", ...at, exit_code: 0 }, ran: { run, exit_code: 0 } };
  }
  if (outcome.kind === "interrupted") {
    const waiting = { state: "pending", attempts: Math.max(0, attempts - 1) } as const;
    const set = { id, ...waiting, updated_at: now };
    return { set, ran: { run, error } };
  }
  const code = outcome.kind === "exited" ? { exit_code: outcome.exit_code } : {};
  const signal = outcome.kind === "signalled" ? { signal: outcome.signal } : {};
  const ran = { run, ...code, ...signal, error };
  const end = { ...at, ...code, error };
  if (attempts > job.max_retries) return { set: { id, state: "dead", ...end }, ran };
  const wait = backoffSeconds(config, attempts, random);
  const run_at = new Date(Date.parse(now) + wait * 1000).toISOString();
  return { set: { id, state: "failed", ...end, run_at }, ran };
}

/** The job of which that run ended. */
export function settled(job: Job, outcome: Outcome, circumstances: Circumstances): Job {
  return changed(job, settling(job, outcome, circumstances));
}

/**
 * A person gives the job up, whether it waits or runs. A run that goes on keeps its worker and its
 * run id, and with them its job from running again, until it is settled: until nothing is left of it.
 */
export function cancelled(job: Job, now: string): Job {
  const { run_at: _due, ...rest } = job;
  const error = CANCELLED;
  return {
    ...rest,
    state: "cancelled",
    updated_at: now,
    finished_at: now,
    error,
    ...(job.state === "processing"
      ? { history: withEntry(job.history ?? [], entryOf(job, now, { run: job.run ?? "", error })) }
      : {}),
  };
}

/** A job that had ended starts from zero: from now on it waits, or from when it was edited to be due. */
export function revived(job: Job, now: string): Job {
  const { finished_at: _finished, exit_code: _code, error: _error, ...rest } = withoutRun(job);
  const isForLater = job.run_at !== undefined && Date.parse(job.run_at) > Date.parse(now);
  const run_at = isForLater ? job.run_at : now;
  return { ...rest, state: "pending", attempts: 0, updated_at: now, run_at };
}

/** What a person may change of a job. */
export type JobEdit = Partial<Omit<NewJob, "id">>;

/** A job gets other fields; an empty list, and a time that has passed, leave none. */
export function edited(job: Job, edit: JobEdit, now: string): Job {
  const merged: Record<string, unknown> = { ...job, ...edit, updated_at: now };
  if (edit.env) merged.env = { ...job.env, ...edit.env };
  if (edit.priority === 0) delete merged.priority;
  if (edit.run_at !== undefined && Date.parse(edit.run_at) <= Date.parse(now)) delete merged.run_at;
  for (const name of ["depends_on", "tags"] as const) {
    if (edit[name]?.length === 0) delete merged[name];
  }
  return merged as unknown as Job;
}

/** A failed job need not wait for its backoff any more. */
export function hastened(job: Job, now: string): Job {
  const { run_at: _due, ...rest } = job;
  return { ...rest, state: "pending", updated_at: now };
}

/** A waiting job can never run, as a job that it depends on ended dead or cancelled. */
export function buriedWith(job: Job, dependency: Job, now: string): Job {
  const { run_at: _due, ...rest } = job;
  return {
    ...rest,
    state: "dead",
    updated_at: now,
    finished_at: now,
    error: `dependency '${dependency.id}' is ${dependency.state}`,
  };
}
