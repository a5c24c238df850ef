import { formatDuration } from "../model/duration.ts";
import { STATES } from "../model/job.ts";
import type { Queue, Status, WorkerInfo } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { relativeTime, stateCell } from "./job_cells.ts";
import { formatJson } from "./output.ts";

export interface StatusFlags {
  readonly "watch"?: boolean;
  readonly "json"?: boolean;
}

/** `status`: the queue in numbers, and what the workers do. */
export default async function status(this: Context, flags: StatusFlags): Promise<void> {
  await this.withQueue(async (queue) => {
    if (flags.watch) return await watchStatus(this, queue, flags);
    this.stdout.write(await formatStatus(this, queue, flags));
  }, "look");
}

/** How often it is shown again, in milliseconds. */
const REDRAW_MS = 1_000;

const HOME = "\x1b[H";
const CLEAR = "\x1b[2J";
const CLEAR_TO_END_OF_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** Shows the status again and again: in place on a terminal, one behind the other in a pipe. */
async function watchStatus(context: Context, queue: Queue, flags: StatusFlags): Promise<void> {
  const { stdout } = context;
  if (stdout.isTerminal) stdout.write(CLEAR);
  let shown = "";
  for (;;) {
    const text = await formatStatus(context, queue, flags);
    if (stdout.isTerminal) {
      // A line more than there is room for would scroll the rest away.
      const lines = text.trimEnd().split("\n").slice(0, stdout.rows);
      stdout.write(`${HOME}${lines.join(`${CLEAR_TO_END_OF_LINE}\n`)}${CLEAR_BELOW}`);
    } else if (text !== shown) {
      stdout.write(text);
      shown = text;
    }
    await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
  }
}

async function formatStatus(context: Context, queue: Queue, flags: StatusFlags): Promise<string> {
  const { paused, counts, oldest_waiting, workers } = await queue.status();
  if (flags.json) {
    const document = { data_dir: queue.name, paused, counts, oldest_waiting, workers };
    return formatJson(context.stdout, document);
  }
  const alive = workers.filter((worker) => worker.alive);
  const { formatTable } = await import("./table.ts");
  const table = await formatTable(
    context,
    [{ title: "STATE" }, { title: "JOBS", align: "right" }],
    STATES.map((state) => [stateCell(state), { text: String(counts[state]) }]),
  );
  const now = context.clock();
  const lines = [
    table,
    ...(paused ? ["paused: nothing new is started"] : []),
    ...(oldest_waiting ? [describeOldest(oldest_waiting, now)] : []),
    `active workers: ${alive.length}`,
    ...(counts.processing > 0 && alive.length === 0
      ? ["what was running is given to the next `queuectl worker start`"]
      : []),
    ...alive.map((worker) => `  ${describe(worker, now)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function describeOldest({ id, since }: NonNullable<Status["oldest_waiting"]>, now: number): string {
  return `oldest waiting: ${id}, for ${
    formatDuration(Math.max(0, (now - Date.parse(since)) / 1000))
  }`;
}

function describe(worker: WorkerInfo, now: number): string {
  const doing = worker.job === null
    ? "idle"
    : `runs ${worker.job}, started ${relativeTime(worker.job_started_at ?? "", now)}`;
  return `${worker.id} ${doing}${worker.stopping ? ", stopping" : ""}`;
}
