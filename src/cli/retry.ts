import type { Context } from "./context.ts";
import { idsOf } from "./ids_of.ts";
import { printIds } from "./output.ts";

export interface RetryFlags {
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
  const jobs = await this.withQueue(async (queue) =>
    await queue.retry(await idsOf(queue, words), { force, withDependents })
  );
  printIds(this.stdout, jobs);
}
