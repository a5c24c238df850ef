import { endOrphans } from "../worker/end_orphans.ts";
import type { Context } from "./context.ts";
import { describeBuried } from "./describe_buried.ts";
import { idsOf } from "./ids_of.ts";
import { printIds } from "./output.ts";

/** `cancel`: gives jobs up, whether they wait or run; prints their ids. */
export default async function cancel(
  this: Context,
  _flags: Record<never, never>,
  ...words: string[]
): Promise<void> {
  await this.withQueue(async (queue) => {
    const { jobs, buried } = await queue.cancel(await idsOf(queue, words));
    printIds(this.stdout, jobs);
    if (buried.length > 0) this.warn(describeBuried(buried));
    await endOrphans(queue, jobs, this.clock);
  });
}
