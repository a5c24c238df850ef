/** What is looked at before a job that was taken begins to run. */
import type { Job } from "../model/job.ts";
import { cancelled, type Circumstances, settled } from "../model/transitions.ts";
import type { Records } from "../rules/records.ts";
import type { Engine } from "./engine.ts";
import { findAll, recordsOf } from "./jobs.ts";
import { hasLostWorker, type StoredJob } from "./record.ts";

/**
 * What becomes of a job whose last run was lost with its worker, or that was cancelled as it was
 * taken, before it can run again.
 *
 * @param before as it was when it was taken
 * @param job as its next run would find it
 * @returns undefined if it may run
 */
export function endedWithoutRun(
  stored: StoredJob,
  before: Job,
  job: Job,
  circumstances: Circumstances,
): Job | undefined {
  const { cancelled: since } = stored.data;
  if (!hasLostWorker(stored)) return since === undefined ? undefined : cancelled(before, since);
  const run: Job = { ...job, run: `lost-${stored.stalledCounter}`, worker: "lost" };
  return settled(
    since === undefined ? run : cancelled(run, since),
    { kind: "worker_lost" },
    circumstances,
  );
}

/** The jobs that a job waits for, as far as they are there. */
export async function dependenciesOf(engine: Engine, { depends_on = [] }: Job): Promise<Records> {
  return recordsOf((await findAll(engine, depends_on)).values());
}
