/// <reference lib="deno.worker" />
/** A worker's thread that joins no queue: it says that it is ready, and crashes. */
self.onmessage = (): void => {
  self.postMessage({ kind: "ready" });
  setTimeout(() => {
    throw new Error("a fault in the thread");
  }, 10);
};
