import { hasTags, isWaiting, type Job } from "../model/job.ts";
import { type Cursor, cursorOf, type JobPage, type ListFilter } from "../model/listing.ts";
import type { Records } from "./records.ts";
import { isMet } from "./waiting_line.ts";

/** True if these records are enough for the filter: not every completed job may be kept. */
export function canList({ keep, isExact }: Records, filter: ListFilter): boolean {
  const { states, tags, text, order, behind, limit = Infinity } = filter;
  if (keep === "all") return true;
  if (typeof keep !== "object" || !("newest" in keep)) return false;
  if (states) return !states.includes("completed");
  return isExact && !tags && !text && !behind && order !== "end" && limit <= keep.newest;
}

/** The jobs that pass the filter, the newest first. */
export function list(
  records: Records,
  { states, tags, text, order, behind, limit }: ListFilter,
): JobPage {
  const sought = text?.toLowerCase();
  const passes = (job: Job): boolean =>
    (!states || states.includes(job.state)) &&
    (!tags || hasTags(job, tags)) &&
    (!sought || isIn(job, sought));
  const all = records.values().filter(passes).toArray();
  const jobs = all.map((job) => ({ job, place: cursorOf(job, order) }))
    .filter(({ place }) => !behind || compare(behind, place) < 0)
    .sort((a, b) => compare(a.place, b.place)).map(({ job }) => job);
  const shown = limit === undefined ? jobs : jobs.slice(0, limit);
  return {
    jobs: shown,
    total: totalOf(records, all.length, states),
    unmet: unmetOf(shown, records),
  };
}

/** Completed jobs that are not kept count too. */
function totalOf({ keep, counts }: Records, passed: number, states: ListFilter["states"]): number {
  if (keep === "all" || states) return passed;
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Negative if `a` comes first: the newest does. */
function compare(a: Cursor, b: Cursor): number {
  return b.at - a.at || b.seq - a.seq;
}

/** For those of the jobs that wait for others: which, by the job's id. */
export function unmetOf(jobs: readonly Job[], records: Records): JobPage["unmet"] {
  const waiting = jobs.filter((job) => job.depends_on && isWaiting(job.state));
  const unmet = waiting.map(({ id, depends_on = [] }) =>
    [id, depends_on.filter((other) => !isMet(records.get(other)))] as const
  );
  return Object.fromEntries(unmet.filter(([, others]) => others.length > 0));
}

function isIn({ id, command, tags = [] }: Job, sought: string): boolean {
  return [id, command, ...tags].some((text) => text.toLowerCase().includes(sought));
}
