/** The signals that ask this program to stop: what differs between systems. */

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Two signals so close together are one key press, passed on by whatever started this program. */
const ONE_PRESS_MS = 50;

/**
 * Calls back at each request to stop.
 *
 * @param onStop `again` is true from the second one on
 */
export function onStopSignals(
  onStop: (again: boolean, signal: Deno.Signal) => void,
): { close(): void } {
  let last: number | undefined;
  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => {
      const now = performance.now();
      if (last !== undefined && now - last < ONE_PRESS_MS) return;
      const again = last !== undefined;
      last = now;
      onStop(again, signal);
    };
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  return {
    close: () => {
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}

/**
 * Makes a write beyond the file-size limit fail like any other, instead of ending the program in
 * the middle of a line.
 */
export function surviveFileSizeLimit(): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => {});
}
