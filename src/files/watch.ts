import { isThere } from "../machine/io.ts";
import { marksOf } from "./marks.ts";
import type { Watch } from "../model/queue.ts";
import { startTimer } from "../timer.ts";

/** Files whose change says nothing: what is only opened and locked, or not in its place yet. */
const IRRELEVANT = /\.(lock|tmp|log)$/;

/**
 * Calls back when a file in a folder has changed, and looks from time to time in case the watch missed
 * one (a file system that reports nothing, a queue that is being overwhelmed).
 *
 * @param polled what is looked at in between; undefined calls back at every look, whatever changed
 * @param pollMs tells before each look how many milliseconds to wait for it
 */
export function watch(
  folder: string,
  polled: readonly string[] | undefined,
  pollMs: () => number,
  onChange: () => void,
): Watch {
  // What changed just before is found by the first look.
  let seen: string | undefined;
  let watcher: Deno.FsWatcher | undefined;
  let forwarding: Promise<void> | undefined;
  const start = (): void => {
    try {
      if (!isThere(folder)) return;
      const started = Deno.watchFs(folder, { recursive: false });
      watcher = started;
      forwarding = forward(started, onChange).then(() => {
        if (watcher === started) watcher = undefined;
      });
    } catch {
      // Without a watch (too many of them on this machine, say) there is still the polling.
    }
  };
  start();
  const look = (): void => {
    timer = startTimer(pollMs(), look);
    if (!watcher) start();
    const marks = polled && marksOf(polled);
    if (marks !== undefined && marks === seen) return;
    seen = marks;
    onChange();
  };
  let timer = startTimer(pollMs(), look);
  return {
    close: async () => {
      timer.stop();
      watcher?.close();
      await forwarding;
    },
  };
}

/** Tells what a watcher sees, until it is closed or fails: the next look begins another one. */
async function forward(watcher: Deno.FsWatcher, onChange: () => void): Promise<void> {
  const events = watcher[Symbol.asyncIterator]();
  for (;;) {
    const next = await events.next().catch(() => undefined);
    if (!next || next.done) return;
    const { kind, paths } = next.value;
    if (kind === "access") continue;
    if (paths.some((path) => !IRRELEVANT.test(path))) onChange();
  }
}
