import type { Context } from "./context.ts";
import { relativeTime } from "./job_cells.ts";
import { printJson } from "./output.ts";
import { printTable } from "./print_table.ts";

export interface WorkerListFlags {
  readonly "json"?: boolean;
}

/** `worker list`: who there is, and what each runs. */
export default async function workerList(this: Context, flags: WorkerListFlags): Promise<void> {
  const workers = await this.withQueue((queue) => queue.workers());
  if (flags.json) return printJson(this.stdout, { workers });
  if (workers.length === 0) {
    return this.warn("no worker runs: start one with `queuectl worker start`");
  }
  const now = this.clock();
  await printTable(
    this,
    [
      { title: "WORKER" },
      { title: "PID", align: "right" },
      { title: "STARTED" },
      { title: "STATE" },
      { title: "JOB" },
    ],
    workers.map((worker) => [
      { text: worker.id },
      { text: String(worker.pid) },
      { text: relativeTime(worker.started_at, now) },
      worker.alive
        ? {
          text: worker.stopping ? "stopping" : "alive",
          colour: worker.stopping ? "yellow" as const : "green" as const,
        }
        : { text: "dead", colour: "red" as const },
      { text: worker.job ?? "-" },
    ]),
  );
}
