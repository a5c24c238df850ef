import type { Watch } from "../model/queue.ts";
import { type Engine, SHELVES } from "./engine.ts";
import { countAt, countOn, PLACES } from "./jobs.ts";

/** How often the counts are looked at, in milliseconds. */
const LOOK_MS = 300;

/** Not every change is one of the counts: after this many looks one is told all the same. */
const LOOKS = 5;

/** Calls back when the queue may have changed, for whoever looks on: by what is counted. */
export function watch(engine: Engine, onChange: () => void): Watch {
  let seen = "";
  let looks = 0;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const counts = await Promise.all([
        ...PLACES.map((place) => countAt(engine, [place])),
        ...SHELVES.map((shelf) => countOn(engine, shelf)),
        engine.queue.isPaused(),
      ]);
      const marks = counts.join();
      looks = marks === seen ? looks + 1 : LOOKS;
      seen = marks;
      if (looks < LOOKS) return;
      looks = 0;
      onChange();
    } catch {
      // A server that is gone: the next look may find it again.
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    close: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}
