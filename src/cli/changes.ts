import type { Queue, Watch } from "../model/queue.ts";

/** Not everything that one waits for changes a file: a worker that is killed does not. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Looks again whenever the queue may have changed, until there is a result or time is out.
 *
 * @param look returns undefined for "not yet"
 * @param watchFor what to watch; jobs and settings if absent
 * @param seconds how long at most; 0 looks once, undefined waits for ever
 * @returns undefined if time ran out
 */
export async function lookUntil<T>(
  queue: Queue,
  look: () => Promise<T | undefined>,
  seconds: number | undefined,
  watchFor: (onChange: () => void) => Watch = (onChange) => queue.watch(onChange),
): Promise<T | undefined> {
  const deadline = seconds === undefined ? Infinity : performance.now() + seconds * 1000;
  let wake: () => void = () => {};
  let changed = false;
  const watch = watchFor(() => {
    changed = true;
    wake();
  });
  try {
    for (;;) {
      changed = false;
      const result = await look();
      const left = deadline - performance.now();
      if (result !== undefined || left <= 0) return result;
      if (changed) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, LOOK_AGAIN_MS));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    await watch.close();
  }
}
