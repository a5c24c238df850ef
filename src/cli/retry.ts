import type { Context } from "./context.ts";
import { printDone } from "./print_done.ts";
import { warnOfDependents } from "./warn_of_dependents.ts";
import { readSelection, select, type SelectionFlags } from "./selection.ts";

export interface RetryFlags extends SelectionFlags {
  readonly "force"?: boolean;
  readonly "with-dependents"?: boolean;
}

/** `retry`: failed jobs now, dead and cancelled ones from zero; prints their ids. */
export default async function retry(
  this: Context,
  flags: RetryFlags,
  ...words: string[]
): Promise<void> {
  const force = flags.force ?? false;
  const withDependents = flags["with-dependents"] ?? false;
  // What people have cancelled does not come back because they say "all".
  const possible = [
    "failed",
    "dead",
    "cancelled",
    ...(force ? ["completed"] as const : []),
  ] as const;
  const selection = readSelection(words, flags, ["failed", "dead"], possible);
  await this.withQueue(async (queue) => {
    const { ids, unfit } = await select(queue, selection);
    const jobs = await queue.retry(ids, { force, withDependents }, unfit);
    printDone(this, jobs);
    await warnOfDependents(this, queue, jobs);
  });
}
