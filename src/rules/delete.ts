import { QueueError } from "../model/errors.ts";
import { isRunning, isWaiting, type Job } from "../model/job.ts";
import type { Change, View } from "./change.ts";
import type { Unfit } from "../model/queue.ts";
import { distinct, type Records, thoseThat } from "./records.ts";
import { deadJob } from "./retry.ts";

/**
 * The pure change: jobs are gone, and their history with them. All or none, or all that do not run and
 * that no other waits for.
 */
export function deleteJobs(
  { records }: View,
  ids: readonly string[],
  unfit: Unfit = "refuse",
): Change<readonly Job[]> {
  if (unfit === "refuse") return drop(records, distinct(ids.map((id) => records.find(id))));
  const going = new Set(thoseThat(records, ids, (job) => !isRunning(job)).map(({ id }) => id));
  const staying = [...going].filter((id) => waitingFor(records, id, going) !== undefined);
  // A list that grows while it is walked: what a job that stays waits for stays too.
  for (const id of staying) {
    if (!going.delete(id)) continue;
    for (const dependency of records.get(id)?.depends_on ?? []) {
      if (waitingFor(records, dependency, going) !== undefined) staying.push(dependency);
    }
  }
  return drop(records, thoseThat(records, [...going], () => true));
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

/** The id of a job that waits for this one, and is not going with it. */
function waitingFor(
  records: Records,
  id: string,
  going: ReadonlySet<string>,
): string | undefined {
  if (records.get(id)?.state === "completed") return undefined;
  return [...records.dependentsOf(id)].find((dependent) => {
    const state = records.get(dependent)?.state;
    return state !== undefined && isWaiting(state) && !going.has(dependent);
  });
}

function drop(records: Records, jobs: readonly Job[]): Change<readonly Job[]> {
  const ids = new Set(jobs.map((job) => job.id));
  for (const job of jobs) {
    if (isRunning(job)) {
      const isEnding = job.state === "cancelled";
      throw new QueueError(
        "conflict",
        `cannot delete job '${job.id}' as ${
          isEnding ? "its cancelled run has not ended yet" : "it runs"
        }`,
        isEnding ? "try again in a moment, or wait for it" : "--force cancels it first",
      );
    }
    const waiting = waitingFor(records, job.id, ids);
    if (waiting !== undefined) {
      throw new QueueError(
        "conflict",
        `cannot delete job '${job.id}' as '${waiting}' waits for it`,
        "delete both together; with --force what waits for it goes to the DLQ",
      );
    }
  }
  return { events: jobs.map((job) => ({ drop: job.id })), result: jobs };
}
