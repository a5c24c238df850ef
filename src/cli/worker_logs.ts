import type { Context } from "./context.ts";
import { copyFrom, followFile, tailStart } from "./log_file.ts";

export interface WorkerLogsFlags {
  readonly "lines"?: number;
  readonly "follow"?: boolean;
}

/** `worker logs`: what a worker tells of its doings, of one that has left too. */
export default async function workerLogs(
  this: Context,
  flags: WorkerLogsFlags,
  given: string,
): Promise<void> {
  await this.withQueue(async (queue) => {
    const { id, path } = await queue.findWorkerLog(given);
    const start = flags.lines === undefined ? 0 : tailStart(path, flags.lines);
    if (!flags.follow) return void copyFrom(path, start, this.stdout);
    await followFile(
      path,
      start,
      this.stdout,
      async () => !(await queue.findWorkerLog(id)).alive,
    );
  });
}
