import type { Cancelled, Unfit } from "../model/queue.ts";
import { buryDependents } from "../rules/bury_dependents.ts";
import { cancelJobs } from "../rules/cancel.ts";
import type { Change, View } from "../rules/change.ts";
import type { LoadedJobs } from "./jobs.ts";

/**
 * The pure change: gives jobs up. What waits for one that runs is buried when its worker has ended it,
 * as it may be completed before that.
 */
export function cancelWaiting(
  view: View,
  { found }: LoadedJobs,
  ids: readonly string[],
  unfit: Unfit | undefined,
): Change<Cancelled> {
  const { events, result } = cancelJobs(view, ids, unfit);
  const buried = new Set(result.buried);
  const given = events.flatMap((event) =>
    "put" in event && !buried.has(event.put.id) ? [event.put] : []
  );
  const atOnce = given.filter(({ id }) => found.get(id)?.place !== "active");
  // Who has just taken one, to see whether it is its turn, finds out by itself.
  const lost = buryDependents(view.records, atOnce, view.now)
    .filter(({ id }) => found.get(id)?.place !== "active");
  return {
    events: [...given, ...lost].map((job) => ({ put: job })),
    result: { jobs: result.jobs, buried: lost.map(({ id }) => id) },
  };
}
