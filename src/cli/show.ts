import { formatDuration } from "../model/duration.ts";
import type { HistoryEntry, Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { relativeTime } from "./job_cells.ts";
import { jobOrLatest } from "./latest_job.ts";
import { localTime } from "./local_time.ts";
import { printJson, printLine, visible } from "./output.ts";
import { printTable } from "./print_table.ts";
import { whyWaiting } from "./why_waiting.ts";

export interface ShowFlags {
  readonly "json"?: boolean;
}

/** `show`: one job, whole. */
export default async function show(this: Context, flags: ShowFlags, word?: string): Promise<void> {
  const now = this.clock();
  const { job, around } = await this.withQueue(async (queue) => {
    const job = await jobOrLatest(queue, word);
    return { job, around: flags.json ? undefined : await lookAround(queue, job, now) };
  });
  if (!around) return printJson(this.stdout, job);
  const fields = describe(job, around, now, this.timeZone());
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

/** What there is to say of a job that does not stand in its record. */
interface Around {
  /** What it waits for, if it does. */
  readonly waits: string | undefined;
  /** What a run may take if the job does not say, in seconds; 0 for no limit. */
  readonly timeout: number;
}

async function lookAround(queue: Queue, job: Job, now: number): Promise<Around> {
  const { job_timeout_seconds: timeout } = (await queue.config()).complete;
  return { waits: await whyWaiting(queue, job, now), timeout };
}

function took({ started_at, finished_at }: HistoryEntry): number {
  return Math.max(0, Date.parse(finished_at) - Date.parse(started_at)) / 1000;
}

function describeTimeout(seconds: number): string {
  return seconds === 0 ? "none" : formatDuration(seconds);
}

function describe(
  job: Job,
  { waits, timeout }: Around,
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
        ? `${describeTimeout(timeout)} (the setting job_timeout)`
        : describeTimeout(job.timeout_seconds),
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
