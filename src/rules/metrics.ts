import type { HistoryEntry } from "../model/job.ts";
import type { Distribution, Metrics, Minute } from "../model/metrics.ts";
import { resultOf } from "../model/transitions.ts";
import type { Records } from "./records.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * The queue in figures, over the runs in the history of the jobs that are kept.
 *
 * @param now milliseconds since 1970
 */
export function metrics(records: Records, now: number): Metrics {
  const runs = [...records.values()].flatMap((job) => job.history ?? [])
    .filter((run) => resultOf(run) !== "cut off");
  const succeeded = runs.filter((run) => resultOf(run) === "succeeded").length;
  return {
    counts: { ...records.counts },
    runs: { total: runs.length, succeeded, failed: runs.length - succeeded },
    success_rate: runs.length === 0 ? null : succeeded / runs.length,
    throughput: {
      last_minute: endedSince(runs, now - MINUTE_MS),
      last_hour: endedSince(runs, now - HOUR_MS),
    },
    wait_seconds: distribution(runs.flatMap((run) => run.waited_seconds ?? [])),
    run_seconds: distribution(
      // A clock that was set back makes no run shorter than nothing.
      runs.map((run) =>
        Math.max(0, Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000
      ),
    ),
  };
}

function endedSince(runs: readonly HistoryEntry[], time: number): number {
  return runs.filter((run) => Date.parse(run.finished_at) > time).length;
}

/**
 * The last sixty minutes, the one that goes on last.
 *
 * @param now milliseconds since 1970
 */
export function lastHour(records: Records, now: number): readonly Minute[] {
  const first = Math.floor(now / MINUTE_MS) - 59;
  const minutes = Array.from({ length: 60 }, (): HistoryEntry[] => []);
  for (const job of records.values()) {
    for (const run of job.history ?? []) {
      if (resultOf(run) === "cut off") continue;
      minutes[Math.floor(Date.parse(run.finished_at) / MINUTE_MS) - first]?.push(run);
    }
  }
  return minutes.map((runs, index) => {
    const succeeded = runs.filter((run) => resultOf(run) === "succeeded").length;
    return {
      minute: new Date((first + index) * MINUTE_MS).toISOString(),
      succeeded,
      failed: runs.length - succeeded,
      wait_seconds: distribution(runs.flatMap((run) => run.waited_seconds ?? [])).p50,
    };
  });
}

/** Percentiles by nearest rank: the smallest value that `percent` of all do not exceed. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = values.toSorted((a, b) => a - b);
  const percentile = (percent: number): number | null =>
    sorted[Math.ceil(percent / 100 * sorted.length) - 1] ?? null;
  return { p50: percentile(50), p95: percentile(95), max: sorted.at(-1) ?? null };
}
