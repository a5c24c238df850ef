import { QueueError } from "../model/errors.ts";
import { isWaiting, type Job } from "../model/job.ts";
import { edited, type JobEdit } from "../model/transitions.ts";
import { checkDependencies } from "./dependencies.ts";
import { distinct } from "./records.ts";
import type { Change, View } from "./store.ts";

/** The pure change: jobs that wait get other fields. All or none. */
export function edit(view: View, ids: readonly string[], change: JobEdit): Change<readonly Job[]> {
  const jobs = distinct(ids.map((id) => view.records.find(id)));
  const fixed = jobs.find((job) => !isWaiting(job.state));
  if (fixed) {
    throw new QueueError("conflict", `cannot edit job '${fixed.id}' as it is ${fixed.state}`);
  }
  if (change.depends_on) {
    checkDependencies(view.records, new Map(jobs.map((job) => [job.id, change.depends_on])));
  }
  const changed = jobs.map((job) => edited(job, change, view.now));
  return { events: changed.map((job) => ({ put: job })), result: changed };
}
