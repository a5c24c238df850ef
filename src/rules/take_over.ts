import { QueueError } from "../model/errors.ts";
import { isRunning, type Job } from "../model/job.ts";
import type { Change, View } from "./change.ts";

/**
 * The pure change: takes over whole records, as another queue had them. All or none.
 *
 * @throws {QueueError} `conflict` for a job that runs, or another one with its id
 */
export function takeOver({ records, next }: View, jobs: readonly Job[]): Change<void> {
  const fresh = jobs.filter((job) => !isHere(job, records.get(job.id)));
  return {
    events: fresh.map((job, index) => ({ put: { ...inOrder(job), seq: next + index } })),
    result: undefined,
  };
}

/** The fields that every job has come first, whatever another store has made of their order. */
function inOrder({ id, command, state, attempts, max_retries, created_at, ...rest }: Job): Job {
  return { id, command, state, attempts, max_retries, created_at, ...rest };
}

/** True if the job was taken over already: its record tells by when it was made, and of what. */
export function isHere(job: Job, existing: Job | undefined): boolean {
  if (isRunning(job)) throw new QueueError("conflict", `job '${job.id}' runs`);
  if (!existing) return false;
  if (existing.created_at === job.created_at && existing.command === job.command) return true;
  throw new QueueError("conflict", `there is another job '${job.id}' already`);
}
