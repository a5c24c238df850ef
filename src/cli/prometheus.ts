/** Metrics as the text format of Prometheus, version 0.0.4. */
import type { Distribution, Metrics } from "../model/metrics.ts";

/** All figures; durations in seconds. What is unknown is left out. */
export function formatPrometheus(
  { counts, runs, throughput, wait_seconds, run_seconds }: Metrics,
): string {
  const states = Object.entries(counts).map(([state, count]) =>
    [`{state="${state}"}`, count] as const
  );
  return [
    ...gauge("queuectl_jobs", "Jobs by state.", states),
    ...gauge("queuectl_runs", "Runs in the history of the jobs that are kept.", [
      [`{result="succeeded"}`, runs.succeeded],
      [`{result="failed"}`, runs.failed],
    ]),
    ...gauge("queuectl_runs_ended", "Runs that ended within a time.", [
      [`{within="1m"}`, throughput.last_minute],
      [`{within="1h"}`, throughput.last_hour],
    ]),
    ...gauge(
      "queuectl_wait_seconds",
      "Between when a run could have started and when it did.",
      quantiles(wait_seconds),
    ),
    ...gauge("queuectl_run_seconds", "How long runs took.", quantiles(run_seconds)),
  ].map((line) => `${line}\n`).join("");
}

type Sample = readonly [labels: string, value: number | null];

function quantiles({ p50, p95, max }: Distribution): readonly Sample[] {
  return [[`{quantile="0.5"}`, p50], [`{quantile="0.95"}`, p95], [`{quantile="1"}`, max]];
}

function gauge(name: string, help: string, samples: readonly Sample[]): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.flatMap(([labels, value]) => value === null ? [] : [`${name}${labels} ${value}`]),
  ];
}
