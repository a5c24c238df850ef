import type { Context } from "./context.ts";
import { followLog, LogSink, printLog, tailStart } from "./print_log.ts";

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
    const { id, log } = await queue.findWorkerLog(given);
    const start = await tailStart(log, flags.lines);
    const isOver = async (): Promise<boolean> => !(await queue.findWorkerLog(id)).alive;
    const sink = new LogSink(this.stdout);
    if (flags.follow) await followLog(log, start, sink, Infinity, isOver);
    else await printLog(log, start, sink);
  });
}
