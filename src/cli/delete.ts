import { QueueError, usage } from "../model/errors.ts";
import { isEnded, isRunning, type Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { recover } from "../worker/recover.ts";
import { lookUntil } from "./changes.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./context.ts";
import { printLine } from "./output.ts";

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
  ...given: string[]
): Promise<void> {
  if (flags.all ? given.length > 0 : given.length === 0) {
    throw usage(
      flags.all ? "--all and ids exclude each other" : "ID is missing",
      "name jobs, or use --all",
    );
  }
  if (flags.all) confirm(this, `Remove every job in ${this.location}?`, flags.yes);
  const jobs = await this.withQueue(async (queue) => {
    const found = flags.all ? (await queue.list({})).jobs : await queue.resolve(given);
    const ids = found.map(({ id }) => id);
    if (flags.force) await endFirst(queue, ids, this.clock);
    return flags.all ? await queue.deleteAll() : await queue.delete(ids);
  });
  for (const { id } of jobs) printLine(this.stdout, id);
}

/** Cancels what has not ended, and waits until no process of it is left. */
async function endFirst(
  queue: Queue,
  ids: readonly string[],
  clock: () => number,
): Promise<void> {
  const unfinished = (await queue.resolve(ids)).filter((job) => !isEnded(job.state));
  if (unfinished.length > 0) await queue.cancel(unfinished.map(({ id }) => id));
  const over = await lookUntil(queue, async () => {
    const running: readonly Job[] = (await queue.resolve(ids)).filter(isRunning);
    if (running.length > 0) await recover(queue, [], clock, () => {});
    return running.length === 0 ? true : undefined;
  }, PATIENCE_SECONDS);
  if (!over) throw new QueueError("busy", "what was cancelled has not ended yet", "try again");
}
