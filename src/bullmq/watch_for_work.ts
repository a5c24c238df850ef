import type { IQueueBackend } from "bullmq";
import type { Watch } from "../model/queue.ts";
import { pause } from "../timer.ts";
import type { Engine } from "./engine.ts";
import { countAt } from "./jobs.ts";

/** How long the engine is asked to wait for a job, in seconds; then one looks all the same. */
const LONGEST_WAIT = 5;

/**
 * While jobs wait for workers that rest, the next of these is woken after that many seconds, and the
 * one behind it after twice as many: jobs that stay there (of a paused queue, say) are for none.
 */
const SHORTEST_WAIT = 0.025;

/** When a server that is gone is asked again, in milliseconds. */
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
      let seconds = LONGEST_WAIT;
      while (!closed) {
        const told = await waiting.waitForJob(seconds);
        if (closed) return;
        onChange();
        const more = await countAt(engine, ["waiting"]) > 0;
        const next = told ? SHORTEST_WAIT : Math.min(2 * seconds, LONGEST_WAIT);
        seconds = more ? next : LONGEST_WAIT;
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
      return Promise.resolve();
    },
  };
}
