/// <reference lib="deno.worker" />
/** A worker's thread that crashes with every job that it claims. */
import { openQueue } from "../../src/open_queue.ts";
import { pause } from "../../src/timer.ts";
import type { ToThread } from "../../src/worker/messages.ts";

const LOOK_MS = 10;

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
  // What its predecessor left may not have been recovered yet.
  while ((await seat.claim()).kind === "nothing") await pause(LOOK_MS);
  setTimeout(() => {
    throw new Error("a fault in the thread");
  }, 0);
};
