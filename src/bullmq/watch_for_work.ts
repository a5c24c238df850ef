import type { IQueueBackend } from "bullmq";
import type { Watch } from "../model/queue.ts";
import type { Engine } from "./engine.ts";
import { countAt } from "./jobs.ts";

/** So long the engine is asked to wait for a job, in seconds; then one looks all the same. */
const WAIT_SECONDS = 5;

/** While jobs wait for workers that rest, the next of these is woken after so many milliseconds. */
const NEXT_MS = 25;

/** A server that is gone is asked again after so many milliseconds. */
const AGAIN_MS = 500;

/**
 * Calls back when there is a job for a worker that rests: the engine says so to one of those who
 * wait for it, wherever they are.
 */
export function watchForWork(engine: Engine, onChange: () => void): Watch {
  let closed = false;
  let waiting: IQueueBackend | undefined;

  const wait = async (): Promise<void> => {
    waiting = await engine.openBlocking();
    try {
      while (!closed) {
        await waiting.waitForJob(WAIT_SECONDS);
        do {
          if (!closed) onChange();
          await pause(NEXT_MS);
        } while (!closed && await countAt(engine, ["waiting"]) > 0);
      }
    } finally {
      await engine.release(waiting);
    }
  };
  const goOn = async (): Promise<void> => {
    while (!closed) {
      try {
        await wait();
      } catch {
        await pause(AGAIN_MS);
      }
    }
  };
  goOn();
  return {
    close: () => {
      closed = true;
      waiting?.close(true).catch(() => {});
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
