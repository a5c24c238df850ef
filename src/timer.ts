/**
 * Timers that cost nothing to have: the first `setTimeout` of a thread loads 9 ms of Deno's own,
 * these take 0.1 ms. They do not keep a program alive that waits for nothing else.
 */

export interface Timer {
  /** It will not call back any more. */
  stop(): void;
}

/**
 * Calls back once.
 *
 * @param ms how long to wait, in milliseconds
 */
export function startTimer(ms: number, onEnd: () => void): Timer {
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  // With nothing to wait for it has timed out already, and there is nobody to notify.
  let stopped = false;
  Promise.resolve(Atomics.waitAsync(cell, 0, 0, ms).value).then((how) => {
    if (how === "timed-out" && !stopped) onEnd();
  });
  return {
    stop: () => {
      stopped = true;
      Atomics.notify(cell, 0);
    },
  };
}

/** Waits, in milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => startTimer(ms, resolve));
}
