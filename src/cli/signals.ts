/** The signals that ask this program to stop: what differs between systems. */

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** True if the end of the terminal is no request to stop. */
let isHangupIgnored = false;

/**
 * Sets up what every command needs, before anything else listens for a signal: Deno's first listener
 * has all of them handled by Deno, and what was to be ignored is lost with that.
 *
 * A write beyond the file-size limit fails like any other then, instead of ending the program in the
 * middle of a line; and under `nohup` the end of the terminal still ends nothing.
 */
export function prepareSignals(): void {
  if (Deno.build.os === "windows") return;
  isHangupIgnored = isBegunIgnoringHangup();
  Deno.addSignalListener("SIGXFSZ", () => {});
  if (isHangupIgnored) Deno.addSignalListener("SIGHUP", () => {});
}

/** As far as Linux tells, and Deno lets one look without asking a person. */
function isBegunIgnoringHangup(): boolean {
  const path = "/proc/self/status";
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return false;
  try {
    const status = Deno.readTextFileSync(path);
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
  const heeded = isHangupIgnored ? SIGNALS.filter((signal) => signal !== "SIGHUP") : SIGNALS;
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
