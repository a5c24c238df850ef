/** Saying to the engine how a run ended. */
import { UnrecoverableError } from "bullmq";
import type { Job } from "../model/job.ts";
import { alone } from "./alone.ts";
import { isRefusal } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { findJob } from "./jobs.ts";
import { type Data, dataAgain, type StoredJob, type Trace, traceOf } from "./record.ts";
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
    return await isRecorded(hand, ended) ? undefined : "refused";
  }
}

/** The answer to a question may be lost with the connection, and the question be asked again. */
async function isRecorded({ engine }: Hand, { before, after }: Ended): Promise<boolean> {
  const run = lastRun(after);
  // An end that adds no run to the history leaves nothing there to know it by.
  if (run === undefined || run === lastRun(before)) return false;
  const found = await findJob(engine, after.id);
  return (found?.job.history ?? []).some((entry) => entry.run === run);
}

function lastRun({ history }: Job): string | undefined {
  return history?.at(-1)?.run;
}

async function tell(
  hand: Hand,
  ended: Ended,
  fetchNext: boolean,
): Promise<unknown> {
  const { stored, worker, before, after } = ended;
  const trace = traceOf(stored, before, after);
  switch (after.state) {
    case "completed":
      return await stored.moveToCompleted(trace, worker, fetchNext);
    case "pending":
      return await whileOurs(hand, ended, async () => {
        await stored.updateData(await keepingMark(hand, stored, dataAgain(stored, after)));
        return void await stored.moveToWait(worker);
      });
    case "cancelled":
      return await whileOurs(hand, ended, async () => {
        await putOnShelf(hand, "cancelled", after, hand.engine.queue);
        stored.opts.removeOnFail = true;
        return await stored.moveToFailed(failureOf(after, trace), worker, fetchNext);
      });
  }
  return await stored.moveToFailed(failureOf(after, trace), worker, fetchNext);
}

/**
 * Data and shelves can be written by anybody, whoever has the engine's lock: so it is done alone, and
 * asked first whether the job is still this worker's.
 */
async function whileOurs(
  hand: Hand,
  { stored, worker, after }: Ended,
  work: () => Promise<unknown>,
): Promise<unknown | "refused"> {
  return await alone(
    hand,
    after,
    async () => await stored.extendLock(worker, PUT_BACK_MS) === 0 ? "refused" : await work(),
  );
}

/** The same data, but marked if the job was cancelled since it was taken. */
async function keepingMark({ engine }: Hand, { id }: StoredJob, data: Data): Promise<Data> {
  const fresh = await engine.queue.getJob(id!) as StoredJob | undefined;
  const cancelled = fresh?.data.cancelled;
  return cancelled === undefined ? data : { ...data, cancelled };
}

/** What the engine is told of a run that failed; it keeps the stack. */
function failureOf({ state, error = "", run_at, updated_at }: Job, trace: Trace): Error {
  const failure = state !== "failed"
    ? new UnrecoverableError(error)
    : new RunFailure(error, Date.parse(run_at ?? updated_at) - Date.parse(updated_at));
  failure.stack = JSON.stringify(trace);
  return failure;
}
