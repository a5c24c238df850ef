import { describeLocation } from "../model/location.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./context.ts";

export interface ResetFlags {
  readonly "yes"?: boolean;
}

/** `reset`: empties the queue. */
export default async function reset(this: Context, flags: ResetFlags): Promise<void> {
  confirm(
    this,
    `Remove every job in ${describeLocation(this.location)}, with its history and logs?`,
    flags.yes,
  );
  const jobs = await this.withQueue((queue) => queue.deleteAll());
  this.warn(`${jobs.length} jobs removed`);
}
