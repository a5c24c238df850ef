/** The logs of a job's runs, as files. */
import type { Job } from "../model/job.ts";
import { removeIfThere } from "./io.ts";
import { type Paths, runLogPath } from "./paths.ts";

/** Every run of a job that has left a trace in its record, the one that goes on too, in order. */
export function runsOf(job: Job): readonly { readonly run: string; readonly attempt: number }[] {
  const ended = (job.history ?? []).map(({ run, attempt }) => ({ run, attempt }));
  const current = job.run !== undefined && !ended.some(({ run }) => run === job.run);
  return current ? [...ended, { run: job.run, attempt: job.attempts }] : ended;
}

/** Removes the logs of jobs that are gone. */
export function removeLogs(paths: Paths, jobs: readonly Job[]): void {
  for (const job of jobs) {
    for (const { run } of runsOf(job)) removeIfThere(runLogPath(paths, job.id, run));
  }
}
