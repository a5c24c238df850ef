import type { Queue } from "../model/queue.ts";
import type { Context } from "./context.ts";

/** Whoever waits for jobs should know why nothing happens. */
export async function warnIfNothingMoves(context: Context, queue: Queue): Promise<void> {
  const { paused, workers } = await queue.status();
  if (paused) context.warn("the queue is paused: nothing new is started until `queuectl resume`");
  const alive = workers.filter((worker) => worker.alive);
  const how = alive.length === 0 ? "no worker runs" : "every worker is stopping";
  if (alive.every(({ stopping }) => stopping)) {
    context.warn(`${how}: start one with \`queuectl worker start\``);
  }
}
