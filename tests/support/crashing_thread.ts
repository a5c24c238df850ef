/// <reference lib="deno.worker" />
/** A worker's thread that joins no queue: it says that it is ready, and crashes. */
import type { ToThread } from "../../src/worker/messages.ts";

self.onmessage = ({ data }: MessageEvent<ToThread>): void => {
  if (data.kind !== "start") return;
  self.postMessage({ kind: "ready" });
  setTimeout(() => {
    throw new Error("a fault in the thread");
  }, 10);
};
