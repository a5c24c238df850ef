import { describeLocation } from "../model/location.ts";
import { QueueError } from "../model/errors.ts";
import { isEnded, isRunning, type Job, STATES } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { recover } from "../worker/recover.ts";
import { lookUntil } from "./changes.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./context.ts";
import { describeBuried } from "./describe_buried.ts";
import { printIds } from "./output.ts";
import { printDone } from "./print_done.ts";
import { readSelection, select, type SelectionFlags } from "./selection.ts";

export interface DeleteFlags extends SelectionFlags {
  readonly "force"?: boolean;
  readonly "yes"?: boolean;
}

/** A cancelled run is ended within ten seconds: SIGTERM, SIGKILL, and the time to see it. */
const PATIENCE_SECONDS = 30;

/** `delete`: removes jobs that do not run; prints their ids. */
export default async function deleteCommand(
  this: Context,
  flags: DeleteFlags,
  ...words: string[]
): Promise<void> {
  const possible = flags.force ? STATES : STATES.filter((state) => state !== "processing");
  const selection = readSelection(words, flags, possible);
  const everything = flags.all === true && !flags.state && !flags.tag;
  if (flags.all) {
    const which = everything ? "every job" : "every such job";
    confirm(this, `Remove ${which} in ${describeLocation(this.location)}?`, flags.yes);
  }
  const jobs = await this.withQueue(async (queue) => {
    const { ids, unfit } = await select(queue, selection);
    if (flags.force) await endFirst(this, queue, ids);
    return everything ? await queue.deleteAll() : await queue.delete(ids, unfit);
  });
  if (everything) printIds(this.stdout, jobs);
  else printDone(this, jobs);
}

/** Cancels what has not ended, and waits until no process of it is left. */
async function endFirst(
  { clock, warn }: Context,
  queue: Queue,
  ids: readonly string[],
): Promise<void> {
  const named = new Set(ids);
  /** Those that are still there: somebody else may remove one that has ended. */
  const look = async (): Promise<readonly Job[]> =>
    (await queue.list({})).jobs.filter(({ id }) => named.has(id));
  const unfinished = (await look()).filter((job) => !isEnded(job.state));
  if (unfinished.length > 0) {
    // What has ended by itself meanwhile is all the better.
    const { buried } = await queue.cancel(unfinished.map(({ id }) => id), "leave");
    const staying = buried.filter((id) => !ids.includes(id));
    if (staying.length > 0) warn(describeBuried(staying, true));
  }
  const over = await lookUntil(queue, async () => {
    const running = (await look()).filter(isRunning);
    if (running.length > 0) await recover(queue, [], clock, () => {});
    return running.length === 0 ? true : undefined;
  }, PATIENCE_SECONDS);
  if (!over) throw new QueueError("busy", "what was cancelled has not ended yet", "try again");
}
