import { formatDuration } from "../model/duration.ts";
import { STATES } from "../model/job.ts";
import type { Queue, Status, WorkerInfo } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { relativeTime, stateCell } from "./job_cells.ts";
import { noteOfMissing } from "./note_of_missing.ts";
import { formatJson } from "./output.ts";
import { showAgain } from "./show_again.ts";

export interface StatusFlags {
  readonly "watch"?: boolean;
  readonly "json"?: boolean;
}

/** `status`: the queue in numbers, and what the workers do. */
export default async function status(this: Context, flags: StatusFlags): Promise<void> {
  await this.withQueue(async (queue) => {
    const format = (): Promise<string> => formatStatus(this, queue, flags);
    if (flags.watch) return await showAgain(this.stdout, format);
    this.stdout.write(await format());
    const note = noteOfMissing(this.location);
    if (note !== undefined) this.warn(note);
  }, "look");
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
