import type { Context } from "./context.ts";
import { refuseStore } from "./refuse_store.ts";

/** `checkpoint`: brings the JSON files up to date. */
export default async function checkpoint(this: Context): Promise<void> {
  refuseStore(this.location, "checkpoint");
  await this.withQueue((queue) => queue.checkpoint("wait"));
}
