/** The signals that ask this program to stop: what differs between systems. */

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** True under `nohup`, as far as Linux tells: then the end of the terminal is no request to stop. */
function ignoresHangup(): boolean {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    // A bit for each signal, and SIGHUP is the first (proc(5), signal(7)).
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
    return (BigInt(`0x${ignored}`) & 1n) !== 0n;
  } catch {
    return false;
  }
}

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
  const heeded = ignoresHangup() ? SIGNALS.filter((signal) => signal !== "SIGHUP") : SIGNALS;
  const listeners = heeded.map((signal) => {
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
