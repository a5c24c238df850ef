import { isWaiting, type Job, type State } from "../model/job.ts";
import type { JobPage } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { attemptsCell, relativeTime, stateCell } from "./job_cells.ts";
import { printJson } from "./output.ts";
import { printTable } from "./print_table.ts";

export interface ListFlags {
  readonly "state"?: readonly (readonly State[])[];
  readonly "tag"?: readonly (readonly string[])[];
  readonly "limit"?: number;
  readonly "json"?: boolean;
}

/** Rows that a table has if nobody says otherwise. */
export const DEFAULT_LIMIT = 50;

/** `list`: jobs, the newest first. */
export default async function list(this: Context, flags: ListFlags): Promise<void> {
  const states = flags.state?.flat();
  const tags = flags.tag?.flat();
  const limit = flags.limit ?? (flags.json ? undefined : DEFAULT_LIMIT);
  const filter = {
    ...(states ? { states } : {}),
    ...(tags ? { tags } : {}),
    ...(limit === undefined ? {} : { limit }),
  };
  const page = await this.withQueue((queue) => queue.list(filter), "look");
  if (flags.json) {
    return printJson(this.stdout, { jobs: page.jobs, total: page.total, limit: limit ?? null });
  }
  if (page.total === 0) {
    return this.warn(states || tags ? "no job is like that" : "the queue is empty");
  }
  const now = this.clock();
  await printTable(
    this,
    [
      { title: "ID" },
      { title: "STATE" },
      { title: "RUNS", align: "right" },
      { title: "PRIO", align: "right" },
      { title: "NEXT RUN" },
      { title: "COMMAND" },
    ],
    page.jobs.map((job) => [
      { text: job.id },
      stateCell(job.state),
      attemptsCell(job),
      { text: String(job.priority ?? 0) },
      { text: nextRun(job, page.unmet, now) },
      { text: job.command },
    ]),
  );
  if (page.total > page.jobs.length) {
    this.warn(`the newest ${page.jobs.length} of ${page.total} jobs; --limit N shows more`);
  }
}

function nextRun(job: Job, unmet: JobPage["unmet"], now: number): string {
  if (!isWaiting(job.state)) return "-";
  if (job.run_at !== undefined && Date.parse(job.run_at) > now) {
    return relativeTime(job.run_at, now);
  }
  // A job may have the name of something that every object has.
  return Object.hasOwn(unmet, job.id) ? `after ${unmet[job.id]!.join(", ")}` : "due";
}
