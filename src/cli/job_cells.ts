/** How a job's fields look in a table. */
import { formatDuration } from "../model/duration.ts";
import type { Job, State } from "../model/job.ts";
import type { Cell } from "./table.ts";

const COLOURS: Readonly<Record<State, NonNullable<Cell["colour"]>>> = {
  pending: "yellow",
  processing: "blue",
  completed: "green",
  failed: "magenta",
  dead: "red",
  cancelled: "gray",
};

export function stateCell(state: State): Cell {
  return { text: state, colour: COLOURS[state] };
}

/** Runs so far of the runs that the job may have. */
export function attemptsCell(job: Job): Cell {
  return { text: `${job.attempts}/${job.max_retries + 1}` };
}

/** How long it has been, for people. */
export function timeSince(time: string, now: number): string {
  return formatDuration(Math.max(0, Math.round((now - Date.parse(time)) / 1000)));
}

/** A time for people: how long from now, or how long ago. */
export function relativeTime(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds > 0
    ? `in ${formatDuration(Math.round(seconds))}`
    : `${formatDuration(Math.round(-seconds))} ago`;
}
