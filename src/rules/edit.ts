import { QueueError } from "../model/errors.ts";
import { isRunning, type Job } from "../model/job.ts";
import { edited, type JobEdit } from "../model/transitions.ts";
import { checkDependencies } from "./dependencies.ts";
import { distinct } from "./records.ts";
import type { Change, View } from "./change.ts";

/** The pure change: jobs that wait, or could be retried, get other fields. All or none. */
export function edit(view: View, ids: readonly string[], change: JobEdit): Change<readonly Job[]> {
  const jobs = distinct(ids.map((id) => view.records.find(id)));
  const fixed = jobs.find((job) => isRunning(job) || job.state === "completed");
  if (fixed) {
    throw new QueueError(
      "conflict",
      `cannot edit job '${fixed.id}' as it is ${fixed.state}`,
      fixed.state === "completed" ? undefined : "cancel it first; then edit and retry it",
    );
  }
  if (change.depends_on) {
    checkDependencies(view.records, new Map(jobs.map((job) => [job.id, change.depends_on])));
  }
  const changed = jobs.map((job) => edited(job, change, view.now));
  return { events: changed.map((job) => ({ put: job })), result: changed };
}
