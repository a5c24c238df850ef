import { endOrphans } from "../worker/end_orphans.ts";
import type { Context } from "./context.ts";
import { describeBuried } from "./describe_buried.ts";
import { printDone } from "./print_done.ts";
import { readSelection, select, type SelectionFlags } from "./selection.ts";

/** `cancel`: gives jobs up, whether they wait or run; prints their ids. */
export default async function cancel(
  this: Context,
  flags: SelectionFlags,
  ...words: string[]
): Promise<void> {
  const selection = readSelection(words, flags, ["pending", "failed", "processing"]);
  await this.withQueue(async (queue) => {
    const { ids, unfit } = await select(queue, selection);
    const { jobs, buried } = await queue.cancel(ids, unfit);
    printDone(this, jobs);
    if (buried.length > 0) this.warn(describeBuried(buried));
    await endOrphans(queue, jobs, this.clock);
  });
}
