import { describeLocation } from "../model/location.ts";
import { QueueError } from "../model/errors.ts";
import { isEnded, isRunning, type Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { recover } from "../worker/recover.ts";
import { lookUntil } from "./changes.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./context.ts";
import { describeBuried } from "./describe_buried.ts";
import { idsOf } from "./ids_of.ts";
import { printIds } from "./output.ts";
import { wordsOrAll } from "./words_or_all.ts";

export interface DeleteFlags {
  readonly "all"?: boolean;
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
  const named = wordsOrAll(words, flags.all);
  if (!named) confirm(this, `Remove every job in ${describeLocation(this.location)}?`, flags.yes);
  const jobs = await this.withQueue(async (queue) => {
    const ids = named ? await idsOf(queue, named) : (await queue.list({})).jobs.map(({ id }) => id);
    if (flags.force) await endFirst(this, queue, ids);
    return named ? await queue.delete(ids) : await queue.deleteAll();
  });
  printIds(this.stdout, jobs);
}

/** Cancels what has not ended, and waits until no process of it is left. */
async function endFirst(
  { clock, warn }: Context,
  queue: Queue,
  ids: readonly string[],
): Promise<void> {
  const unfinished = (await queue.get(ids)).filter((job) => !isEnded(job.state));
  if (unfinished.length > 0) {
    const { buried } = await queue.cancel(unfinished.map(({ id }) => id));
    const staying = buried.filter((id) => !ids.includes(id));
    if (staying.length > 0) warn(describeBuried(staying));
  }
  const over = await lookUntil(queue, async () => {
    const running: readonly Job[] = (await queue.get(ids)).filter(isRunning);
    if (running.length > 0) await recover(queue, [], clock, () => {});
    return running.length === 0 ? true : undefined;
  }, PATIENCE_SECONDS);
  if (!over) throw new QueueError("busy", "what was cancelled has not ended yet", "try again");
}
