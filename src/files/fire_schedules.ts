import { isBeingMoved } from "../machine/move_hold.ts";
import { broughtBack, fireSchedules, idsOfDue } from "../rules/schedules.ts";
import { Store } from "./store.ts";

/**
 * Enqueues the jobs of the occurrences that have come.
 *
 * @param store just read; it need not keep every job
 * @returns the ids of the new jobs
 */
export async function fireInFiles(directory: string, store: Store): Promise<readonly string[]> {
  const { records, environment, paths } = store;
  // They may stand on the other side already.
  if (records.paused && isBeingMoved(paths)) return [];
  const now = environment.clock();
  const ids = idsOfDue(records, now);
  const isAhead = broughtBack(records.schedules.values(), now).length > 0;
  if (ids.length === 0 && !isAhead) return [];
  // Who does not keep every job looks whether there are any with these ids.
  const knowing = records.keep === "all"
    ? store
    : await Store.open(directory, { ...environment, keep: new Set(ids) });
  try {
    return await knowing.transact((view) => {
      const { keep } = view.records;
      const isKnown = keep === "all" || idsOfDue(view.records, Date.parse(view.now))
        .every((id) => ids.includes(id));
      // Of an occurrence that has just come nobody has looked: it waits for the next time.
      return isKnown ? fireSchedules(view) : { events: [], result: [] };
    });
  } finally {
    if (knowing !== store) knowing.close();
  }
}
