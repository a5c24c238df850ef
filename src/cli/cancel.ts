import type { Context } from "./context.ts";
import { printLine } from "./output.ts";

/** `cancel`: gives jobs up, whether they wait or run; prints their ids. */
export default async function cancel(
  this: Context,
  _flags: Record<never, never>,
  ...ids: string[]
): Promise<void> {
  const jobs = await this.withQueue((queue) => queue.cancel(ids));
  for (const { id } of jobs) printLine(this.stdout, id);
}
