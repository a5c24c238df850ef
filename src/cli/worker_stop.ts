import { isNotFound } from "../model/errors.ts";
import type { Queue } from "../model/queue.ts";
import { lookUntil } from "./changes.ts";
import type { Context } from "./context.ts";
import { EXIT_TIMEOUT } from "./errors.ts";
import { printLine } from "./output.ts";

export interface WorkerStopFlags {
  readonly "id"?: readonly (readonly string[])[];
  readonly "wait"?: boolean;
  readonly "timeout"?: number;
  readonly "force"?: boolean;
}

/** A forced stop ends everything within ten seconds; whatever still holds a worker then is said. */
const FORCED_SECONDS = 30;

/** `worker stop`: asks workers to stop; prints who was asked. */
export default async function workerStop(this: Context, flags: WorkerStopFlags): Promise<void> {
  await this.withQueue(async (queue) => {
    const force = flags.force ?? false;
    const patient = force && flags.timeout !== undefined;
    const asked = await queue.stopWorkers(flags.id?.flat(), force && !patient);
    for (const id of asked) printLine(this.stdout, id);
    if (asked.length === 0) return this.warn("no worker runs");
    if (!flags.wait && flags.timeout === undefined) return;
    const seconds = flags.timeout ?? (force ? FORCED_SECONDS : undefined);
    if (await haveLeft(queue, asked, seconds)) return;
    if (patient) {
      const rest = await alive(queue, asked);
      for (const id of rest) await forceIfThere(queue, id);
      if (!flags.wait || await haveLeft(queue, rest, FORCED_SECONDS)) return;
    }
    this.warn("out of time: not all workers have stopped");
    this.exitWith(EXIT_TIMEOUT);
  });
}

/** It may have left meanwhile. */
async function forceIfThere(queue: Queue, id: string): Promise<void> {
  try {
    await queue.stopWorkers([id], true);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function alive(queue: Queue, ids: readonly string[]): Promise<readonly string[]> {
  return (await queue.workers()).filter((worker) => worker.alive && ids.includes(worker.id))
    .map((worker) => worker.id);
}

async function haveLeft(
  queue: Queue,
  ids: readonly string[],
  seconds: number | undefined,
): Promise<boolean> {
  const left = await lookUntil(
    queue,
    async () => (await alive(queue, ids)).length === 0 ? true : undefined,
    seconds,
    (onChange) => queue.watchRequests(onChange),
  );
  return left ?? false;
}
