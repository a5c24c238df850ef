import { QueueError } from "../model/errors.ts";
import { isRunning, type Job } from "../model/job.ts";
import type { Change, View } from "./change.ts";

/**
 * The pure change: takes over whole records, as another queue has them. All or none.
 *
 * @throws {QueueError} `conflict` for a job that runs, or another one with its id
 */
export function takeOver({ records, next }: View, jobs: readonly Job[]): Change<void> {
  const fresh = jobs.filter((job) => isNews(job, records.get(job.id)));
  return {
    events: fresh.map((job, index) => ({
      put: { ...inOrder(job), seq: records.get(job.id)?.seq ?? next + index },
    })),
    result: undefined,
  };
}

/** The fields that every job has come first, whatever another store has made of their order. */
function inOrder({ id, command, state, attempts, max_retries, created_at, ...rest }: Job): Job {
  return { id, command, state, attempts, max_retries, created_at, ...rest };
}

/**
 * False if the job was taken over already, and perhaps has gone on since: its record tells by when it
 * was made, and last changed.
 */
export function isNews(job: Job, existing: Job | undefined): boolean {
  if (isRunning(job)) throw new QueueError("conflict", `job '${job.id}' runs`);
  if (!existing) return true;
  if (existing.created_at === job.created_at) {
    return !isRunning(existing) && existing.updated_at < job.updated_at;
  }
  throw new QueueError("conflict", `there is another job '${job.id}' already`);
}

/** What becomes of jobs that another queue has taken over. */
interface HandedOver {
  readonly leaving: readonly Job[];
  /** Those that were gone already. */
  readonly gone: readonly string[];
}

/** The pure change: they are gone, unless they have changed since. */
export function handOver({ records }: View, jobs: readonly Job[]): Change<HandedOver> {
  const gone = jobs.filter(({ id }) => !records.get(id)).map(({ id }) => id);
  const leaving = jobs.filter((job) => records.get(job.id)?.updated_at === job.updated_at);
  return { events: leaving.map(({ id }) => ({ drop: id })), result: { leaving, gone } };
}
