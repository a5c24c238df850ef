import { isWaiting } from "../model/job.ts";
import type { Status } from "../model/queue.ts";
import { dueSince } from "./due_since.ts";
import type { Records } from "./records.ts";

/** True if these records are enough: since when a job could have run, what it waited for tells. */
export function canTellStatus(records: Records): boolean {
  if (records.keep === "all") return true;
  return records.isExact &&
    !records.values().some((job) => isWaiting(job.state) && job.depends_on !== undefined);
}

/** The queue in numbers, without the workers. */
export function status(records: Records, now: number): Omit<Status, "workers"> {
  let oldest: { id: string; since: number } | undefined;
  for (const job of records.values()) {
    const since = dueSince(job, records);
    if (since !== undefined && since <= now && (!oldest || since < oldest.since)) {
      oldest = { id: job.id, since };
    }
  }
  return {
    paused: records.paused,
    counts: { ...records.counts },
    oldest_waiting: oldest ? { id: oldest.id, since: new Date(oldest.since).toISOString() } : null,
  };
}
