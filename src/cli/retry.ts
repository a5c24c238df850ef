import type { Context } from "./context.ts";
import { printLine } from "./output.ts";

/** `retry`: failed jobs now, dead and cancelled ones from zero; prints their ids. */
export default async function retry(
  this: Context,
  _flags: Record<never, never>,
  ...ids: string[]
): Promise<void> {
  const jobs = await this.withQueue((queue) => queue.retry(ids));
  for (const { id } of jobs) printLine(this.stdout, id);
}
