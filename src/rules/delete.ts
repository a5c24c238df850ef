import { QueueError } from "../model/errors.ts";
import { isRunning, isWaiting, type Job } from "../model/job.ts";
import type { Change, View } from "./change.ts";
import { distinct, type Records } from "./records.ts";
import { deadJob } from "./retry.ts";

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

/** The pure change: nothing is left. Not while something runs. */
export function deleteAll({ records }: View): Change<readonly Job[]> {
  refuseRunning(records);
  const jobs = [...records.values()];
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}

/** @throws {QueueError} `conflict` if a job runs */
export function refuseRunning(records: Records): void {
  const [running] = records.running;
  if (!running) return;
  throw new QueueError(
    "conflict",
    `cannot empty the queue as job '${running.id}' runs`,
    "`queuectl worker stop --wait` first, or cancel what runs",
  );
}

function drop(records: Records, jobs: readonly Job[]): Change<readonly Job[]> {
  const ids = new Set(jobs.map((job) => job.id));
  for (const job of jobs) {
    if (isRunning(job)) {
      throw new QueueError(
        "conflict",
        `cannot delete job '${job.id}' as it runs`,
        "--force cancels it first",
      );
    }
    for (const id of records.dependentsOf(job.id)) {
      const dependent = records.get(id);
      if (dependent && isWaiting(dependent.state) && !ids.has(id) && job.state !== "completed") {
        throw new QueueError(
          "conflict",
          `cannot delete job '${job.id}' as '${id}' waits for it`,
          "delete both together; with --force what waits for it goes to the DLQ",
        );
      }
    }
  }
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}
