import type { Context } from "./context.ts";

/** `checkpoint`: brings the JSON files up to date. */
export default async function checkpoint(this: Context): Promise<void> {
  await this.withQueue((queue) => queue.checkpoint("wait"));
}
