/** Saying to the engine how a run ended. */
import { UnrecoverableError } from "bullmq";
import type { Job } from "../model/job.ts";
import { alone } from "./alone.ts";
import type { Hand } from "./carry_out.ts";
import { isRefusal } from "./engine.ts";
import { findJob } from "./jobs.ts";
import { dataAgain, type StoredJob, type Trace, traceOf } from "./record.ts";
import { RunFailure } from "./run_failure.ts";
import { putOnShelf } from "./shelf.ts";

/** How long nobody else gets a job that is being put back, in milliseconds. */
const PUT_BACK_MS = 10_000;

/** A job whose run has ended. */
export interface Ended {
  readonly stored: StoredJob;
  /** The worker that has the engine's lock on it. */
  readonly worker: string;
  /** The record before the run. */
  readonly before: Job;
  /** What the rules make of it. */
  readonly after: Job;
}

/**
 * Records it, and takes the next job with it if that is wanted.
 *
 * @returns what the engine answers; "refused" if the job is not this worker's any more
 */
export async function recordEnd(
  hand: Hand,
  ended: Ended,
  fetchNext: boolean,
): Promise<unknown | "refused"> {
  try {
    return await tell(hand, ended, fetchNext);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await isRecorded(hand, ended.after) ? undefined : "refused";
  }
}

/** The answer to a question may be lost with the connection, and the question be asked again. */
async function isRecorded({ engine }: Hand, after: Job): Promise<boolean> {
  const found = await findJob(engine, after.id);
  const run = after.history?.at(-1)?.run;
  return run !== undefined && (found?.job.history ?? []).some((entry) => entry.run === run);
}

async function tell(
  hand: Hand,
  { stored, worker, before, after }: Ended,
  fetchNext: boolean,
): Promise<unknown> {
  const trace = traceOf(stored, before, after);
  switch (after.state) {
    case "completed":
      return await stored.moveToCompleted(trace, worker, fetchNext);
    case "pending":
      // Data can be written by anybody: so it is asked first whether the job is still this worker's.
      if (await stored.extendLock(worker, PUT_BACK_MS) === 0) return "refused";
      await stored.updateData(dataAgain(stored, after));
      return void await stored.moveToWait(worker);
    case "cancelled":
      // Whoever cancels it puts it there, too: one at a time, and only one tells of it.
      return await alone(hand, after, async () => {
        await putOnShelf(hand, "cancelled", after, hand.engine.queue);
        stored.opts.removeOnFail = true;
        return await stored.moveToFailed(failureOf(after, trace), worker, fetchNext);
      });
  }
  return await stored.moveToFailed(failureOf(after, trace), worker, fetchNext);
}

/** What the engine is told of a run that failed; it keeps the stack. */
function failureOf({ state, error = "", run_at, updated_at }: Job, trace: Trace): Error {
  const failure = state !== "failed"
    ? new UnrecoverableError(error)
    : new RunFailure(error, Date.parse(run_at ?? updated_at) - Date.parse(updated_at));
  failure.stack = JSON.stringify(trace);
  return failure;
}
