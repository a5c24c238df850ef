import { formatDuration } from "../model/duration.ts";
import { STATES } from "../model/job.ts";
import type { WorkerInfo } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { relativeTime, stateCell } from "./job_cells.ts";
import { printJson, printLine } from "./output.ts";

export interface StatusFlags {
  readonly "json"?: boolean;
}

/** `status`: the queue in numbers, and what the workers do. */
export default async function status(this: Context, flags: StatusFlags): Promise<void> {
  const { paused, counts, oldest_waiting, workers } = await this.withQueue((queue) =>
    queue.status()
  );
  const alive = workers.filter((worker) => worker.alive);
  if (flags.json) {
    const data_dir = this.location;
    return printJson(this.stdout, { data_dir, paused, counts, oldest_waiting, workers });
  }
  const { formatTable } = await import("./table.ts");
  printLine(
    this.stdout,
    formatTable(
      this,
      [{ title: "STATE" }, { title: "JOBS", align: "right" }],
      STATES.map((state) => [stateCell(state), { text: String(counts[state]) }]),
    ),
  );
  const now = this.clock();
  if (paused) printLine(this.stdout, "paused: nothing new is started");
  if (oldest_waiting) {
    const { id, since } = oldest_waiting;
    const waited = formatDuration(Math.max(0, (now - Date.parse(since)) / 1000));
    printLine(this.stdout, `oldest waiting: ${id}, for ${waited}`);
  }
  printLine(this.stdout, `active workers: ${alive.length}`);
  if (counts.processing > 0 && alive.length === 0) {
    printLine(this.stdout, "what was running is given to the next `queuectl worker start`");
  }
  for (const worker of alive) printLine(this.stdout, `  ${describe(worker, now)}`);
}

function describe(worker: WorkerInfo, now: number): string {
  const doing = worker.job === null
    ? "idle"
    : `runs ${worker.job}, started ${relativeTime(worker.job_started_at ?? "", now)}`;
  return `${worker.id} ${doing}${worker.stopping ? ", stopping" : ""}`;
}
