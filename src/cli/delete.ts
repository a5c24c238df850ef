import type { Context } from "./context.ts";
import { printLine } from "./output.ts";

/** `delete`: removes jobs that do not run; prints their ids. */
export default async function deleteCommand(
  this: Context,
  _flags: Record<never, never>,
  ...ids: string[]
): Promise<void> {
  const jobs = await this.withQueue((queue) => queue.delete(ids));
  for (const { id } of jobs) printLine(this.stdout, id);
}
