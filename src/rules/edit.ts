import { QueueError } from "../model/errors.ts";
import { isWaiting, type Job } from "../model/job.ts";
import { edited, type JobEdit } from "../model/transitions.ts";
import { checkDependencies } from "./dependencies.ts";
import { distinct } from "./records.ts";
import type { Change, View } from "./change.ts";

/** The pure change: jobs that wait, or could be retried, get other fields. All or none. */
export function edit(view: View, ids: readonly string[], change: JobEdit): Change<readonly Job[]> {
  const jobs = distinct(ids.map((id) => view.records.find(id)));
  for (const job of jobs) {
    checkEditable(job);
    checkRetries(job, change);
  }
  if (change.depends_on) {
    checkDependencies(view.records, new Map(jobs.map((job) => [job.id, change.depends_on])));
  }
  const changed = jobs.map((job) => edited(job, change, view.now));
  return { events: changed.map((job) => ({ put: job })), result: changed };
}

function checkEditable({ id, state, run }: Job): void {
  const refuse = (as: string, hint?: string): never => {
    throw new QueueError("conflict", `cannot edit job '${id}' as ${as}`, hint);
  };
  if (state === "completed") refuse("it is completed", "enqueue it anew");
  if (state === "processing") refuse("it is processing", "cancel it first; then edit and retry it");
  if (run !== undefined) {
    refuse("its cancelled run has not ended yet", "try again in a moment");
  }
}

/** A job that waits for its next run must be allowed one. */
function checkRetries({ id, state, attempts }: Job, { max_retries }: JobEdit): void {
  if (!isWaiting(state) || max_retries === undefined || attempts <= max_retries) return;
  throw new QueueError(
    "conflict",
    `job '${id}' cannot have max_retries ${max_retries} as it has had ${attempts} runs already`,
    "cancel it, if it should not run again",
  );
}
