import { isThere } from "./io.ts";
import type { Watch } from "../model/queue.ts";

/** Files whose change says nothing: what is only opened and locked, or not in its place yet. */
const IRRELEVANT = /\.(lock|tmp|log)$/;

/**
 * Calls back when a file in a folder has changed, and every so often in case the watch missed one
 * (a file system that reports nothing, a queue that is being overwhelmed).
 *
 * @param pollMs milliseconds between the looks in between
 */
export function watch(
  folder: string,
  pollMs: number,
  onChange: () => void,
): Watch {
  let watcher: Deno.FsWatcher | undefined;
  const start = (): void => {
    try {
      if (!isThere(folder)) return;
      watcher = Deno.watchFs(folder, { recursive: false });
      forward(watcher, onChange);
    } catch {
      // Without a watch (too many of them on this machine, say) there is still the polling.
    }
  };
  start();
  const timer = setInterval(() => {
    if (!watcher) start();
    onChange();
  }, pollMs);
  return {
    close: () => {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

async function forward(watcher: Deno.FsWatcher, onChange: () => void): Promise<void> {
  for await (const { kind, paths } of watcher) {
    if (kind === "access") continue;
    if (paths.some((path) => !IRRELEVANT.test(path))) onChange();
  }
}
