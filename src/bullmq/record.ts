/**
 * How a job is kept in BullMQ.
 *
 * Its data hold the record as people gave or changed it. What a run made of it is kept where the
 * engine keeps how a run ended, and written with that in one step: the stack trace of a failure,
 * the return value of a success. Each holds what the run changed, as a line of a journal does;
 * replayed on the record they give what it is now.
 */
import type { Job as EngineJob, JobsOptions } from "bullmq";
import { type Job, MAX_HISTORY } from "../model/job.ts";
import { cancelled, claimed, hastened } from "../model/transitions.ts";
import { lean } from "../rules/lean.ts";
import { afterEvent, type QueueEvent } from "../rules/records.ts";

/** What BullMQ keeps with a job. */
export interface Data {
  readonly record: Job;
  /** Differs for two jobs with one id: by that a second one is found out. */
  readonly nonce: string;
  /** How often its worker was lost. */
  readonly lost: number;
  /** When its run was cancelled, ISO 8601 in UTC. */
  readonly cancelled?: string;
}

/** What a run made of its job. */
export interface Trace {
  readonly event: QueueEvent;
  /** How many losses of a worker the engine had counted. */
  readonly lost: number;
}

/** A job of the engine, with our data. */
export type StoredJob = EngineJob<Data, Trace, "job">;

/** Where the engine has a job. */
export type EngineState = "waiting" | "delayed" | "active" | "completed" | "failed";

/** Engine priorities: 1 is first, 2^21 - 1 is last. Ours: higher is first, 0 is usual. */
const USUAL_PRIORITY = 2 ** 20;

/** As many as the engine can count. */
const MOST_ATTEMPTS = 2 ** 31 - 1;

/** The highest and lowest priority that there can be here. */
export const MOST_PRIORITY = USUAL_PRIORITY - 1;

export function enginePriority(job: Job): number {
  return USUAL_PRIORITY - (job.priority ?? 0);
}

/** The engine refuses ids that are numbers, and those with a colon. */
export function engineId(id: string): string {
  return `j-${id.replaceAll(":", "~")}`;
}

export function ownId(engineId: string): string {
  return engineId.slice(2).replaceAll("~", ":");
}

/** How a job is given to the engine. */
export function optionsOf(job: Job, now: number): JobsOptions {
  const delay = Math.max(0, Date.parse(job.run_at ?? job.created_at) - now);
  return {
    jobId: engineId(job.id),
    priority: enginePriority(job),
    // What a run made of the job decides about the next one, not a number of attempts.
    attempts: MOST_ATTEMPTS,
    backoff: { type: "custom" },
    // As many as the history has: a trace that is left out of it is not replayed again.
    stackTraceLimit: MAX_HISTORY,
    ...(delay > 0 ? { delay } : {}),
  };
}

export function dataOf(record: Job, nonce: string): Data {
  return { record, nonce, lost: 0 };
}

/** The data when the record is another one than what the runs have made of it. */
export function dataAgain(stored: StoredJob, record: Job): Data {
  return {
    record,
    nonce: stored.data.nonce,
    lost: stored.stalledCounter,
  };
}

/** What is to be written down of a run. */
export function traceOf(stored: StoredJob, before: Job, after: Job): Trace {
  return { event: lean(before, after), lost: stored.stalledCounter };
}

/** True if a worker was lost with this job, and nobody has written that down yet. */
export function hasLostWorker(stored: StoredJob): boolean {
  const { data, stalledCounter } = stored;
  const known = tracesOf(stored).reduce((most, { lost }) => Math.max(most, lost), data.lost);
  return stalledCounter > known;
}

function tracesOf({ stacktrace, returnvalue }: StoredJob): readonly Trace[] {
  const failures = (stacktrace ?? []).map((text): Trace => JSON.parse(text));
  return returnvalue ? [...failures, returnvalue] : failures;
}

/** The record before the run that goes on, if one does: as the runs before have left it. */
export function recordBefore(stored: StoredJob): Job {
  return tracesOf(stored).reduce(replay, stored.data.record);
}

/** A run that is in the history already was there when people changed the record, as was an older end without one. */
function replay(job: Job, { event }: Trace): Job {
  const run = runIn(event);
  const isOlder = run === undefined && "put" in event && event.put.updated_at < job.updated_at;
  if (isOlder) return job;
  if (job.history?.some((entry) => entry.run === run)) return job;
  return afterEvent(job, event) ?? job;
}

/** The run that an event tells the end of. */
function runIn(event: QueueEvent): string | undefined {
  if ("put" in event) return event.put.history?.at(-1)?.run;
  return "set" in event ? event.ran?.run : undefined;
}

/** What `processedBy` holds: the worker and its run. */
export function holderOf(worker: string, run: string): string {
  return `${worker}/${run}`;
}

/** The run that goes on of a job, and its worker. */
export function runOf({ processedBy = "" }: StoredJob): { worker: string; run: string } {
  const [worker = "", run = ""] = processedBy.split("/");
  return { worker, run };
}

/** The record of a job, as it is now. What the engine says of its place counts. */
export function recordOf(stored: StoredJob, place: EngineState): Job {
  const job = recordBefore(stored);
  switch (place) {
    case "active":
      return running(stored, job);
    case "waiting":
      // A failed job whose time has come, or that was hastened, waits for its turn as any other.
      return job.state === "failed" ? hastened(job, job.updated_at) : job;
    case "delayed":
      return job;
    case "completed":
      return { ...job, state: "completed" };
    case "failed":
      return { ...job, state: "dead" };
  }
}

function running(stored: StoredJob, job: Job): Job {
  const { data, processedOn = stored.timestamp } = stored;
  const started = new Date(processedOn).toISOString();
  const taken = claimed(job, {
    ...runOf(stored),
    now: started,
    lease_expires_at: started,
    waited_seconds: 0,
  });
  const { lease_expires_at: _engine, waited_seconds: _later, ...rest } = taken;
  return data.cancelled === undefined ? rest : cancelled(rest, data.cancelled);
}
