/** A queue in figures. */
import type { State } from "./job.ts";

/** Half of all values are at most `p50`, 95 of 100 at most `p95`; null where there are none. */
export interface Distribution {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** The queue in figures, over the runs in the history of the jobs that are kept. */
export interface Metrics {
  readonly counts: Readonly<Record<State, number>>;
  readonly runs: { readonly total: number; readonly succeeded: number; readonly failed: number };
  /** From 0 to 1; null before the first run has ended. */
  readonly success_rate: number | null;
  /** Runs that ended. */
  readonly throughput: { readonly last_minute: number; readonly last_hour: number };
  /** Between when a run could have started and when it did. */
  readonly wait_seconds: Distribution;
  readonly run_seconds: Distribution;
}

/** What happened in one minute. */
export interface Minute {
  /** When it began, ISO 8601 in UTC. */
  readonly minute: string;
  readonly succeeded: number;
  readonly failed: number;
  /** The median of what the runs that ended had waited for their start; null if none ended. */
  readonly wait_seconds: number | null;
}
