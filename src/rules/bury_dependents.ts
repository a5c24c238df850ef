import { isLost, isWaiting, type Job } from "../model/job.ts";
import { buriedWith } from "../model/transitions.ts";
import type { Records } from "./records.ts";

/**
 * What becomes of the jobs that wait for one that ended dead or cancelled, and of those that wait
 * for them: they can never run, so they go to the DLQ with an error that names the dependency.
 *
 * @param ended jobs that this transaction ends
 */
export function buryDependents(
  records: Records,
  ended: readonly Job[],
  now: string,
): readonly Job[] {
  const lost = ended.filter(({ state }) => isLost(state));
  if (lost.length === 0 || !records.hasDependents) return [];
  const changed = new Set(ended.map((job) => job.id));
  const buried: Job[] = [];
  for (let i = 0; i < lost.length; i++) {
    const dependency = lost[i]!;
    for (const id of records.dependentsOf(dependency.id)) {
      const job = records.get(id);
      if (!job || !isWaiting(job.state) || changed.has(id)) continue;
      const dead = buriedWith(job, dependency, now);
      changed.add(id);
      buried.push(dead);
      lost.push(dead);
    }
  }
  return buried;
}

/**
 * Buries what waits for a job that is lost already, as only a hand can have written it: in what was
 * just read, not as a change of the queue.
 */
export function buryHopeless(records: Records, now: string): void {
  const lost = [...records.values()].filter(({ state }) => isLost(state));
  for (const put of buryDependents(records, lost, now)) records.apply({ put });
}

/** What becomes of a job that waits, if one that it depends on is dead or cancelled; undefined if none is. */
export function buryIfHopeless(records: Records, job: Job, now: string): Job | undefined {
  if (!isWaiting(job.state)) return undefined;
  const hopeless = job.depends_on?.map((id) => records.get(id))
    .find((dependency) => dependency && isLost(dependency.state));
  return hopeless && buriedWith(job, hopeless, now);
}
