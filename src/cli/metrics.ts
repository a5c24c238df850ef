import { usage } from "../model/errors.ts";
import { formatDuration } from "../model/duration.ts";
import { STATES } from "../model/job.ts";
import type { Distribution, Metrics } from "../model/metrics.ts";
import type { Context } from "./context.ts";
import { stateCell } from "./job_cells.ts";
import { printJson } from "./output.ts";
import { printTable } from "./print_table.ts";

export interface MetricsFlags {
  readonly "json"?: boolean;
  readonly "prometheus"?: boolean;
}

/** `metrics`: the queue in figures. */
export default async function metrics(this: Context, flags: MetricsFlags): Promise<void> {
  if (flags.json && flags.prometheus) throw usage("--json and --prometheus exclude each other");
  const found = await this.withQueue((queue) => queue.metrics());
  if (flags.json) return printJson(this.stdout, found);
  if (flags.prometheus) {
    const { formatPrometheus } = await import("./prometheus.ts");
    return this.stdout.write(formatPrometheus(found));
  }
  const jobs = STATES.map((state) => [stateCell(state), { text: String(found.counts[state]) }]);
  const rows = describe(found).map(([name, text]) => [{ text: name }, { text }]);
  await printTable(this, [{ title: "WHAT" }, { title: "FIGURE", align: "right" }], [
    ...jobs,
    ...rows,
  ]);
}

function describe(
  { runs, success_rate, throughput, wait_seconds, run_seconds }: Metrics,
): readonly (readonly [string, string])[] {
  const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
  return [
    ["runs", String(runs.total)],
    ["runs that succeeded", String(runs.succeeded)],
    ["runs that failed", String(runs.failed)],
    ["success rate", success_rate === null ? "-" : percent.format(success_rate)],
    ["runs in the last minute", String(throughput.last_minute)],
    ["runs in the last hour", String(throughput.last_hour)],
    ["wait, median / 95% / longest", describeDistribution(wait_seconds)],
    ["run, median / 95% / longest", describeDistribution(run_seconds)],
  ];
}

function describeDistribution({ p50, p95, max }: Distribution): string {
  return [p50, p95, max].map((seconds) => seconds === null ? "-" : formatDuration(seconds))
    .join(" / ");
}
