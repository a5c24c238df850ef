import { QueueError } from "../model/errors.ts";
import type { Context } from "./context.ts";
import { refuseStore } from "./refuse_store.ts";

/** `checkpoint`: brings the JSON files up to date. */
export default async function checkpoint(this: Context): Promise<void> {
  refuseStore(this.location, "checkpoint");
  await this.withQueue(async (queue) => {
    if (await queue.checkpoint("wait")) return;
    throw new QueueError("busy", "the files are being replaced again and again", "try again");
  });
}
