import { isEnded, isWaiting, type Job, type State } from "../model/job.ts";
import type { JobPage, ListFilter } from "../model/listing.ts";
import type { Queue } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { attemptsCell, relativeTime, stateCell, timeSince } from "./job_cells.ts";
import { formatJson } from "./output.ts";
import { noteOfMissing } from "./note_of_missing.ts";
import { warnIfNothingMoves } from "./nothing_moves.ts";
import { showAgain } from "./show_again.ts";

export interface ListFlags {
  readonly "state"?: readonly (readonly State[])[];
  readonly "tag"?: readonly (readonly string[])[];
  readonly "limit"?: number;
  readonly "watch"?: boolean;
  readonly "json"?: boolean;
}

/** Rows that a table has if nobody says otherwise. */
export const DEFAULT_LIMIT = 50;

/** The lines around the rows of a table on a terminal, and the one that says that there are more. */
const LINES_AROUND = 5;

/** `list`: jobs, the newest first. */
export default async function list(this: Context, flags: ListFlags): Promise<void> {
  await this.withQueue(async (queue) => {
    if (flags.watch) {
      return await showAgain(this.stdout, async () => {
        const { text, note } = await formatList(this, queue, flags);
        return note === undefined ? text : `${text}${note}\n`;
      });
    }
    const { text, note, isWaiting } = await formatList(this, queue, flags);
    this.stdout.write(text);
    if (note !== undefined) this.warn(note);
    if (isWaiting && this.stdout.isTerminal) await warnIfNothingMoves(this, queue);
  }, "look");
}

/** A list, and what there is to say of it. */
interface Listed {
  readonly text: string;
  readonly note?: string;
  /** True if a job in it waits for a worker. */
  readonly isWaiting?: boolean;
}

async function formatList(context: Context, queue: Queue, flags: ListFlags): Promise<Listed> {
  const filter = filterOf(context, flags);
  const page = await (flags.watch ? listRunningFirst(queue, filter) : queue.list(filter));
  if (flags.json) {
    const document = { jobs: page.jobs, total: page.total, limit: filter.limit ?? null };
    return { text: formatJson(context.stdout, document) };
  }
  if (page.total === 0) {
    return {
      text: "",
      note: flags.state || flags.tag
        ? "no job matches"
        : noteOfMissing(context.location) ?? "the queue is empty",
    };
  }
  const { formatTable } = await import("./table.ts");
  const now = context.clock();
  const table = await formatTable(
    context,
    [
      { title: "ID", isWhole: true },
      { title: "STATE" },
      { title: "RUNS", align: "right" },
      {
        title: "PRIO",
        align: "right",
        isSpare: page.jobs.every(({ priority = 0 }) => priority === 0),
      },
      { title: "WHEN" },
      { title: "COMMAND" },
    ],
    page.jobs.map((job) => [
      { text: job.id },
      stateCell(job.state),
      attemptsCell(job),
      { text: String(job.priority ?? 0) },
      { text: when(job, page.unmet, now) },
      { text: job.command },
    ]),
  );
  const listed = {
    text: `${table}\n`,
    isWaiting: page.jobs.some(({ state }) => isWaiting(state)),
  };
  if (page.total === page.jobs.length) return listed;
  return {
    ...listed,
    note: `the newest ${page.jobs.length} of ${page.total} jobs; --limit N shows more`,
  };
}

/** What changes stands where it is seen, however many jobs wait. */
async function listRunningFirst(queue: Queue, filter: ListFilter): Promise<JobPage> {
  const page = await queue.list(filter);
  if (filter.states) return page;
  const running = await queue.list({ ...filter, states: ["processing"] });
  const others = page.jobs.filter(({ state }) => state !== "processing");
  return { ...page, jobs: [...running.jobs, ...others].slice(0, filter.limit) };
}

/** What is shown again and again has to fit on the terminal. */
function filterOf({ stdout }: Context, { state, tag, limit, watch, json }: ListFlags): ListFilter {
  const room = watch && stdout.isTerminal ? Math.max(1, stdout.rows - LINES_AROUND) : DEFAULT_LIMIT;
  const most = limit ?? (json ? undefined : Math.min(room, DEFAULT_LIMIT));
  return {
    ...(state ? { states: state.flat() } : {}),
    ...(tag ? { tags: tag.flat() } : {}),
    ...(most === undefined ? {} : { limit: most }),
  };
}

/** When it runs next, for how long it has run, or when it ended. */
function when(job: Job, unmet: JobPage["unmet"], now: number): string {
  if (job.state === "processing") return `for ${timeSince(job.started_at ?? job.updated_at, now)}`;
  if (isEnded(job.state)) return relativeTime(job.finished_at ?? job.updated_at, now);
  if (job.run_at !== undefined && Date.parse(job.run_at) > now) {
    return relativeTime(job.run_at, now);
  }
  // A job may have the name of something that every object has.
  return Object.hasOwn(unmet, job.id) ? `after ${unmet[job.id]!.join(", ")}` : "due";
}
