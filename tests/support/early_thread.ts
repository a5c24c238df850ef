/// <reference lib="deno.worker" />
/** A worker's thread that gives up before it is started, and leaves a file to say that it has. */
import type { ToThread } from "../../src/worker/messages.ts";

self.onmessage = ({ data }: MessageEvent<ToThread>): void => {
  if (data.kind !== "open") return;
  self.postMessage({ kind: "broken", code: "internal", error: "nothing works here" });
  Deno.writeTextFileSync(`${data.location.directory}/said`, "");
};
