import type { Context } from "./context.ts";
import { printIds } from "./output.ts";

export interface RetryFlags {
  readonly "force"?: boolean;
  readonly "with-dependents"?: boolean;
}

/** `retry`: failed jobs now, dead and cancelled ones from zero; prints their ids. */
export default async function retry(
  this: Context,
  flags: RetryFlags,
  ...ids: string[]
): Promise<void> {
  const force = flags.force ?? false;
  const withDependents = flags["with-dependents"] ?? false;
  const jobs = await this.withQueue((queue) => queue.retry(ids, { force, withDependents }));
  printIds(this.stdout, jobs);
}
