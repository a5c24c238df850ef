import { isEnded } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { lookUntil } from "./changes.ts";
import type { Context } from "./context.ts";
import { copyFrom, tailStart } from "./log_file.ts";

export interface LogsFlags {
  readonly "follow"?: boolean;
  readonly "attempt"?: number;
  readonly "lines"?: number;
}

/** `logs`: the output of the last run, or of one attempt. */
export default async function logs(this: Context, flags: LogsFlags, id: string): Promise<void> {
  await this.withQueue(async (queue) => {
    if (flags.follow) return await follow(this, queue, flags, id);
    const log = await queue.findLog(id, flags.attempt);
    if (!log) return this.warn("the job has not run yet; --follow waits for it");
    const start = flags.lines === undefined ? 0 : tailStart(log.path, flags.lines);
    if (copyFrom(log.path, start, this.stdout) === undefined) {
      this.warn("this run has left no output");
    }
  });
}

/** How often a log is looked at while it is followed, in milliseconds. */
const LOOK_MS = 100;

/** Prints run after run as it comes, until the job has ended. */
async function follow(
  context: Context,
  queue: Queue,
  { attempt, lines }: LogsFlags,
  id: string,
): Promise<void> {
  let printed: string | undefined;
  for (;;) {
    const next = await lookUntil(queue, async () => {
      const [job] = await queue.resolve([id]);
      const log = await queue.findLog(
        id,
        attempt === undefined || !hasRun(job!, attempt) ? undefined : attempt,
      );
      if (log && log.run !== printed && (attempt === undefined || hasRun(job!, attempt))) {
        return log;
      }
      return isEnded(job!.state) ? "ended" : undefined;
    }, undefined);
    if (next === undefined || next === "ended") return;
    const start = printed === undefined && lines !== undefined ? tailStart(next.path, lines) : 0;
    printed = next.run;
    await followRun(context, queue, next.path, start, { id, run: next.run });
    if (attempt !== undefined) return;
  }
}

function hasRun(
  job: { readonly attempts: number; readonly history?: readonly { readonly attempt: number }[] },
  attempt: number,
): boolean {
  return job.attempts === attempt || (job.history ?? []).some((entry) => entry.attempt === attempt);
}

async function followRun(
  context: Context,
  queue: Queue,
  path: string,
  start: number,
  { id, run }: { readonly id: string; readonly run: string },
): Promise<void> {
  let offset = start;
  for (let over = false; !over;) {
    const [job] = await queue.resolve([id]);
    over = job?.run !== run;
    offset = copyFrom(path, offset, context.stdout) ?? offset;
    if (!over) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
