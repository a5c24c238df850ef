/// <reference lib="deno.worker" />
/** A worker's thread that cannot begin, which it says once it is told by a file that another works. */
import { isThere } from "../../src/machine/io.ts";
import type { ToThread } from "../../src/worker/messages.ts";
import { waitUntil } from "./wait_until.ts";

let directory = "";

self.onmessage = async ({ data }: MessageEvent<ToThread>): Promise<void> => {
  if (data.kind === "open") directory = data.location.directory;
  if (data.kind !== "start") return;
  await waitUntil("the word", () => isThere(`${directory}/another works`));
  self.postMessage({ kind: "broken", code: "internal", error: "too late" });
};
