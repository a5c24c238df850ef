import { QueueError } from "../model/errors.ts";
import { isEnded } from "../model/job.ts";
import type { Cancelled, Unfit } from "../model/queue.ts";
import { cancelled } from "../model/transitions.ts";
import { buryDependents } from "./bury_dependents.ts";
import type { Change, View } from "./change.ts";
import { distinct, thoseThat } from "./records.ts";

/** The pure change: gives jobs up, whether they wait or run. All or none, or all that have not ended. */
export function cancelJobs(
  view: View,
  ids: readonly string[],
  unfit: Unfit = "refuse",
): Change<Cancelled> {
  const { records, now } = view;
  const jobs = unfit === "leave"
    ? thoseThat(records, ids, ({ state }) => !isEnded(state))
    : distinct(ids.map((id) => records.find(id)));
  const ended = jobs.find((job) => isEnded(job.state));
  if (ended) {
    throw new QueueError("conflict", `cannot cancel job '${ended.id}' as it is ${ended.state}`);
  }
  const given = jobs.map((job) => cancelled(job, now));
  const buried = buryDependents(records, given, now);
  return {
    events: [...given, ...buried].map((job) => ({ put: job })),
    result: { jobs, buried: buried.map(({ id }) => id) },
  };
}
