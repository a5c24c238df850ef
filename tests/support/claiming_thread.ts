/// <reference lib="deno.worker" />
/** A worker's thread that crashes with every job that it claims. */
import { openQueue } from "../../src/open_queue.ts";
import type { ToThread } from "../../src/worker/messages.ts";

let told: Extract<ToThread, { kind: "open" }>;

self.onmessage = async ({ data }: MessageEvent<ToThread>): Promise<void> => {
  if (data.kind === "stop") {
    self.postMessage({ kind: "left" });
    self.close();
  }
  if (data.kind === "open") told = data;
  if (data.kind !== "start") return;
  const queue = await openQueue(told.location, {
    clock: Date.now,
    random: Math.random,
    warn: () => {},
    purpose: "supervisor",
  });
  const seat = await queue.join(told.worker);
  self.postMessage({ kind: "ready" });
  const claim = await seat.claim();
  if (claim.kind === "nothing") return;
  setTimeout(() => {
    throw new Error("a fault in the thread");
  }, 0);
};
