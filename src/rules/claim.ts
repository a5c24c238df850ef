import type { Job } from "../model/job.ts";
import type { NothingDue } from "../model/seat.ts";
import { changed } from "../model/job_change.ts";
import { claiming, leaseEnd } from "../model/transitions.ts";
import { waitedSeconds } from "./due_since.ts";
import type { Change, View } from "./change.ts";
import type { WaitingLine } from "./waiting_line.ts";

/** A claim without the names of files. */
type Claimed = Job | NothingDue;

/** The pure change: takes the next due job for a worker, or says when to ask again. */
export function claim(
  view: View,
  line: WaitingLine,
  by: { readonly worker: string; readonly run: string },
): Change<Claimed> {
  const { records, now, config } = view;
  const paused = records.paused;
  const time = Date.parse(now);
  const job = paused ? undefined : line.first(time);
  if (job) {
    const lease_expires_at = leaseEnd(time, config);
    const waited_seconds = waitedSeconds(job, records, time);
    const change = claiming(job, { ...by, now, lease_expires_at, waited_seconds });
    return { events: [change], result: changed(job, change) };
  }
  const { pending, failed, processing } = records.counts;
  const unfinished = pending + failed + processing;
  const nextDue = paused ? undefined : line.nextDue();
  return { events: [], result: { kind: "nothing", nextDue, unfinished, paused } };
}
