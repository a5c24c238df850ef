import { QueueError } from "../model/errors.ts";
import { isLost, isRunning, type Job } from "../model/job.ts";
import type { RetryOptions, Unfit } from "../model/queue.ts";
import { hastened, revived } from "../model/transitions.ts";
import { distinct, type Records, thoseThat } from "./records.ts";
import type { Change, View } from "./change.ts";

/**
 * The pure change: failed jobs are due now, dead and cancelled ones start from zero. All or none, or all
 * that can.
 */
export function retry(
  view: View,
  ids: readonly string[],
  { force, withDependents }: RetryOptions,
  unfit: Unfit = "refuse",
): Change<readonly Job[]> {
  const { records } = view;
  const named = unfit === "leave"
    ? thoseThat(records, ids, (job) => canRetry(job, force))
    : distinct(ids.map((id) => records.find(id)));
  const meant = withDependents ? withDeadDependents(records, named) : named;
  const jobs = unfit === "leave" ? withoutHopeless(records, meant) : meant;
  const retried = jobs.map((job) => {
    switch (job.state) {
      case "failed":
        return hastened(job, view.now);
      case "dead":
      case "cancelled":
        return revived(job, view.now);
      case "completed":
        if (force) return revived(job, view.now);
    }
    throw new QueueError(
      "conflict",
      `cannot retry job '${job.id}' as it is ${job.state}`,
      job.state === "completed" ? "--force runs it again" : undefined,
    );
  });
  return bringBack(records, retried);
}

/** What has been given up and still runs, or runs or waits for its turn, cannot. */
function canRetry(job: Job, force: boolean): boolean {
  if (isRunning(job) || job.state === "pending") return false;
  return job.state !== "completed" || force;
}

/**
 * The pure change: jobs leave the DLQ and start from zero. All or none; without ids, all but those that
 * depend on a job which is cancelled, or stays dead: they would be back at once.
 *
 * @param withDependents the dead jobs that depend on them come too, and those that depend on these
 */
export function retryDead(
  view: View,
  ids: readonly string[] | undefined,
  withDependents: boolean,
): Change<readonly Job[]> {
  const { records, now } = view;
  const named = ids
    ? distinct(ids.map((id) => deadJob(records, id)))
    : [...records.values()].filter((job) => job.state === "dead").sort((a, b) => a.seq - b.seq);
  const meant = withDependents ? withDeadDependents(records, named) : named;
  const jobs = ids ? meant : withoutHopeless(records, meant);
  return bringBack(records, jobs.map((job) => revived(job, now)));
}

/**
 * The dead job that an id means.
 *
 * @throws {QueueError} `conflict` if it is not in the DLQ
 */
export function deadJob(records: Records, id: string): Job {
  const job = records.find(id);
  if (job.state !== "dead") {
    throw new QueueError(
      "conflict",
      `job '${job.id}' is not in the dead letter queue (it is ${job.state})`,
      "`queuectl dlq list` shows what is",
    );
  }
  return job;
}

function withDeadDependents(records: Records, jobs: readonly Job[]): readonly Job[] {
  const all = new Set(jobs);
  // A set that grows while it is walked: the dependents' dependents come up in turn.
  for (const { id } of all) {
    for (const dependent of records.dependentsOf(id)) {
      const job = records.get(dependent);
      if (job?.state === "dead") all.add(job);
    }
  }
  return [...all];
}

/** What a job depends on that will not complete, if it is not among those that begin anew. */
function lostDependency(
  records: Records,
  job: Job,
  beginning: ReadonlySet<string>,
): Job | undefined {
  return job.depends_on?.map((id) => records.get(id)).find((dependency) =>
    dependency && isLost(dependency.state) && !beginning.has(dependency.id)
  );
}

function withoutHopeless(records: Records, jobs: readonly Job[]): readonly Job[] {
  const beginning = new Set(jobs.map(({ id }) => id));
  const hopeless = jobs.filter((job) => lostDependency(records, job, beginning))
    .map(({ id }) => id);
  // A list that grows while it is walked: what depends on them comes up in turn.
  for (const id of hopeless) {
    if (!beginning.delete(id)) continue;
    for (const dependent of records.dependentsOf(id)) hopeless.push(dependent);
  }
  return jobs.filter(({ id }) => beginning.has(id));
}

/** All of them, or none if one cannot: while its run has not ended, or what it depends on stays dead. */
function bringBack(records: Records, retried: readonly Job[]): Change<readonly Job[]> {
  const ids = new Set(retried.map((job) => job.id));
  for (const job of retried) {
    const before = records.get(job.id);
    if (before && isRunning(before)) {
      throw new QueueError(
        "conflict",
        `cannot retry job '${job.id}' as its cancelled run has not ended yet`,
        "try again in a moment",
      );
    }
    const hopeless = lostDependency(records, job, ids);
    if (hopeless) {
      throw new QueueError(
        "conflict",
        `cannot retry job '${job.id}' as it depends on '${hopeless.id}', which is ${hopeless.state}`,
        "retry both together, or that one with --with-dependents",
      );
    }
  }
  return { events: retried.map((job) => ({ put: job })), result: retried };
}
