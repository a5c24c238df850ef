import type { Context } from "./context.ts";

/** `pause`: starts nothing more, finishes what runs. */
export async function pause(this: Context): Promise<void> {
  const isNew = await this.withQueue((queue) => queue.setPaused(true));
  if (!isNew) this.warn("the queue is paused already");
}

/** `resume`: starts jobs again. */
export async function resume(this: Context): Promise<void> {
  const isNew = await this.withQueue((queue) => queue.setPaused(false));
  if (!isNew) this.warn("the queue is not paused");
}
