import { formatDuration } from "../model/duration.ts";
import type { HistoryEntry, Job } from "../model/job.ts";
import type { Context } from "./context.ts";
import { relativeTime } from "./job_cells.ts";
import { localTime } from "./local_time.ts";
import { printJson, printLine, visible } from "./output.ts";
import { printTable } from "./print_table.ts";
import { whyWaiting } from "./why_waiting.ts";

export interface ShowFlags {
  readonly "json"?: boolean;
}

/** `show`: one job, whole. */
export default async function show(this: Context, flags: ShowFlags, word: string): Promise<void> {
  const now = this.clock();
  const [job, waits] = await this.withQueue(async (queue) => {
    const [job] = await queue.resolve([word]);
    return [job!, flags.json ? undefined : await whyWaiting(queue, job!, now)] as const;
  });
  if (flags.json) return printJson(this.stdout, job);
  const fields = describe(job, waits, now, this.timeZone());
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, text] of fields) {
    printLine(this.stdout, `${name.padEnd(width)}  ${visible(text)}`);
  }
  if (!job.history) return;
  printLine(this.stdout, "");
  const attempts = new Set(job.history.map(({ attempt }) => attempt));
  // Where attempt numbers come again, `logs --run` needs it.
  const isRunSpare = attempts.size === job.history.length;
  await printTable(
    this,
    [
      { title: "ATTEMPT", align: "right" },
      { title: "STARTED", isWhole: true },
      { title: "TOOK", align: "right" },
      { title: "RUN", isWhole: true, isSpare: isRunSpare },
      { title: "WORKER", isSpare: true },
      { title: "RESULT" },
    ],
    job.history.map((entry) => [
      { text: String(entry.attempt) },
      { text: localTime(entry.started_at, this.timeZone()) },
      { text: formatDuration(took(entry)) },
      { text: entry.run },
      { text: entry.worker },
      { text: entry.error ?? `exit code ${entry.exit_code}` },
    ]),
    "wrap",
  );
}

function took({ started_at, finished_at }: HistoryEntry): number {
  return Math.max(0, Date.parse(finished_at) - Date.parse(started_at)) / 1000;
}

function describe(
  job: Job,
  waits: string | undefined,
  now: number,
  timeZone: string,
): readonly (readonly [string, string])[] {
  const time = (at: string): string => `${localTime(at, timeZone)} (${relativeTime(at, now)})`;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["id", job.id],
    ["command", job.command],
    ["state", job.state],
    ["waits for", waits],
    ["runs", `${job.attempts} of ${job.max_retries + 1}`],
    ["priority", String(job.priority ?? 0)],
    [
      "timeout",
      job.timeout_seconds === undefined
        ? undefined
        : job.timeout_seconds === 0
        ? "none"
        : formatDuration(job.timeout_seconds),
    ],
    ["depends on", job.depends_on?.join(", ")],
    ["tags", job.tags?.join(", ")],
    ["directory", job.cwd],
    [
      "environment",
      job.env && Object.entries(job.env).map(([name, value]) => `${name}=${value}`).join(" "),
    ],
    ["created", time(job.created_at)],
    ["updated", time(job.updated_at)],
    ["next run", job.run_at && time(job.run_at)],
    ["started", job.started_at && time(job.started_at)],
    ["finished", job.finished_at && time(job.finished_at)],
    ["worker", job.worker],
    ["exit code", job.exit_code === undefined ? undefined : String(job.exit_code)],
    ["error", job.error],
  ];
  return fields.flatMap(([name, text]) => text === undefined ? [] : [[name, text] as const]);
}
