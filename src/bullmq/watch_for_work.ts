import type { IQueueBackend } from "bullmq";
import type { Watch } from "../model/queue.ts";
import type { Engine } from "./engine.ts";
import { countAt } from "./jobs.ts";

/** So long the engine is asked to wait for a job, in seconds; then one looks all the same. */
const WAIT_SECONDS = 5;

/**
 * While jobs wait for workers that rest, the next of these is woken after so many milliseconds, and
 * the one behind it after twice as many: if they stay there, they are for none of these.
 */
const NEXT_MS = 25;
const LAST_MS = 1_600;

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
        for (let ms = NEXT_MS; !closed && ms <= LAST_MS; ms *= 2) {
          onChange();
          await pause(ms);
          if (await countAt(engine, ["waiting"]) === 0) break;
        }
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
