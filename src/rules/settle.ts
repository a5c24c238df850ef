import { isRunning, type Job } from "../model/job.ts";
import type { RunKey } from "../model/seat.ts";
import { changed } from "../model/job_change.ts";
import { type Outcome, settling } from "../model/transitions.ts";
import { buryDependents, buryIfHopeless } from "./bury_dependents.ts";
import { eventOf } from "./lean.ts";
import type { Records } from "./records.ts";
import type { Change, View } from "./change.ts";

/** The job of a run, if it is still this run's, cancelled or not: the fence against everything that comes too late. */
export function jobOfRun(records: Records, { id, run }: RunKey): Job | undefined {
  const job = records.get(id);
  return job && isRunning(job) && (job.run ?? "") === run ? job : undefined;
}

/** The pure change: records how a run ended; refused (undefined) if the run is not current. */
export function settle(view: View, key: RunKey, outcome: Outcome): Change<Job | undefined> {
  const job = jobOfRun(view.records, key);
  if (!job) return { events: [], result: undefined };
  const change = settling(job, outcome, view);
  const settled = changed(job, change);
  // What it waited for may have begun anew while it ran, and ended otherwise.
  const dead = buryIfHopeless(view.records, settled, view.now);
  const ended = dead ?? settled;
  const buried = buryDependents(view.records, [ended], view.now);
  return {
    events: [
      eventOf(job, change, settled),
      ...[...dead ? [dead] : [], ...buried].map((job) => ({ put: job })),
    ],
    result: ended,
  };
}
