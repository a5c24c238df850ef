/** What a worker tells of its doings, for its log and for `worker start` to print. */
import { formatDuration } from "../model/duration.ts";
import type { Job } from "../model/job.ts";
import type { Outcome } from "../model/transitions.ts";
import { errorOf } from "../model/transitions.ts";

/** One thing that happened; times are ISO 8601 in UTC. */
export interface WorkerEvent {
  readonly time: string;
  readonly worker: string;
  readonly event:
    | "started"
    | "picked"
    | "completed"
    | "failed"
    | "dead"
    | "put_back"
    | "cancelled"
    | "refused"
    | "recovered"
    | "scheduled"
    | "draining"
    | "waiting"
    | "warned"
    | "stopping"
    | "stopped"
    | "crashed";
  readonly job?: string;
  readonly attempt?: number;
  /** Runs that the job may have in all. */
  readonly attempts_max?: number;
  readonly seconds?: number;
  readonly retry_at?: string;
  /** When the next job falls due. */
  readonly due_at?: string;
  readonly error?: string;
}

/** What the end of a run is called, from what became of its job. */
export function endOfRun(
  worker: string,
  before: Job,
  after: Job | undefined,
  outcome: Outcome,
  time: string,
): WorkerEvent {
  const seconds = (Date.parse(time) - Date.parse(before.started_at ?? time)) / 1000;
  const about = {
    time,
    worker,
    job: before.id,
    attempt: before.attempts,
    attempts_max: before.max_retries + 1,
    seconds,
  };
  const error = errorOf(outcome);
  switch (after?.state) {
    case "completed":
      return { ...about, event: "completed" };
    case "failed":
      return {
        ...about,
        event: "failed",
        ...(error ? { error } : {}),
        ...(after.run_at ? { retry_at: after.run_at } : {}),
      };
    case "dead":
      return { ...about, event: "dead", ...(error ? { error } : {}) };
    case "pending":
      return { ...about, event: "put_back" };
    case "cancelled":
      return { ...about, event: "cancelled" };
    default:
      return { ...about, event: "refused" };
  }
}

/** How events are told: in words with the full time or the time of day, as JSON, or not at all. */
export type EventFormat = "text" | "clock" | "json" | "none";

let clockTime: Intl.DateTimeFormat | undefined;

/** Hours, minutes and seconds of local time; the formatter is made late, as it costs 25 ms. */
function timeOfDay(time: string): string {
  clockTime ??= new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
  return clockTime.format(new Date(time));
}

/** Events as text, a line each. */
export function formatEvents(events: readonly WorkerEvent[], format: EventFormat): string {
  switch (format) {
    case "none":
      return "";
    case "json":
      return events.map((event) => `${JSON.stringify(event)}\n`).join("");
    case "text":
      return events.map((event) => `${event.time} ${describeEvent(event)}\n`).join("");
    case "clock":
      return events.map((event) =>
        `${timeOfDay(event.time)} ${describeEvent(event, (time) => soon(event.time, time))}\n`
      ).join("");
  }
}

const DAY_MS = 86_400_000;

/** A time as the one of its day, if it comes within one. */
function soon(now: string, time: string): string {
  return Date.parse(time) - Date.parse(now) < DAY_MS ? timeOfDay(time) : time;
}

/**
 * An event in words, without its time.
 *
 * @param tell how to write the times in it
 */
export function describeEvent(
  event: WorkerEvent,
  tell: (time: string) => string = (time) => time,
): string {
  const { worker, job, seconds } = event;
  const attempt = `attempt ${event.attempt}/${event.attempts_max}`;
  const took = seconds === undefined ? "" : ` in ${formatDuration(seconds)}`;
  const error = event.error ? `: ${event.error}` : "";
  switch (event.event) {
    case "started":
      return `${worker} started`;
    case "picked":
      return `${worker} picked ${job} (${attempt})`;
    case "completed":
      return `${worker} completed ${job}${took}`;
    case "failed":
      return `${worker} failed ${job} ${attempt}${error}; retry at ${
        tell(event.retry_at ?? event.time)
      }`;
    case "dead":
      return `${worker} failed ${job} ${attempt}${error}; moved to the DLQ`;
    case "put_back":
      return `${worker} put back ${job}: interrupted`;
    case "cancelled":
      return `${worker} ended ${job}: cancelled`;
    case "refused":
      return `${worker} ended ${job}, but the run was no longer its own: nothing recorded`;
    case "recovered":
      return `${worker} was lost with ${job} ${attempt}${
        event.retry_at ? `; retry at ${tell(event.retry_at)}` : "; moved to the DLQ"
      }`;
    case "scheduled":
      return `${worker} enqueued ${job}, as its schedule says`;
    case "draining":
      return event.due_at === undefined
        ? `${worker} waiting, as the queue is paused`
        : `${worker} waiting for the next job, due at ${tell(event.due_at)}`;
    case "waiting":
      return `${worker} waiting, as this failed${error}`;
    case "warned":
      return `${worker} warns${error}`;
    case "stopping":
      return `${worker} stopping: no new jobs`;
    case "stopped":
      return `${worker} stopped`;
    case "crashed":
      return `${worker} crashed${error}`;
  }
}
