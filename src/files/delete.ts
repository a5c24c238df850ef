import { QueueError } from "../model/errors.ts";
import { isRunning, type Job } from "../model/job.ts";
import { deadJob } from "./retry.ts";
import { distinct, type Records } from "./records.ts";
import type { Change, View } from "./store.ts";

/** The pure change: jobs are gone, and their history with them. Not while they run. All or none. */
export function deleteJobs(view: View, ids: readonly string[]): Change<readonly Job[]> {
  return drop(view.records, distinct(ids.map((id) => view.records.find(id))));
}

/** The pure change: the same for jobs in the DLQ; without ids, all of them. */
export function deleteDead(
  view: View,
  ids: readonly string[] | undefined,
): Change<readonly Job[]> {
  const { records } = view;
  const jobs = ids
    ? distinct(ids.map((id) => deadJob(records, id)))
    : [...records.values()].filter((job) => job.state === "dead");
  return drop(records, jobs);
}

function drop(records: Records, jobs: readonly Job[]): Change<readonly Job[]> {
  const ids = new Set(jobs.map((job) => job.id));
  for (const job of jobs) {
    if (isRunning(job)) {
      throw new QueueError(
        "conflict",
        `cannot delete job '${job.id}' as it runs`,
        `\`queuectl cancel ${job.id}\` ends it`,
      );
    }
    for (const id of records.dependentsOf(job.id)) {
      const dependent = records.get(id);
      if (dependent?.state === "pending" && !ids.has(id) && job.state !== "completed") {
        throw new QueueError(
          "conflict",
          `cannot delete job '${job.id}' as '${id}' waits for it`,
          "delete or cancel both together",
        );
      }
    }
  }
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}
