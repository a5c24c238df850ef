import type { Job } from "../model/job.ts";
import type { Change, View } from "../rules/change.ts";
import { removeLogsOf } from "./run_logs.ts";
import type { Store } from "./store.ts";

/**
 * Makes a change by which runs of these jobs may end. The log of a run that has made room for another
 * in its job's history goes.
 *
 * @param changed the jobs as they are then
 */
export async function endRuns<T>(
  store: Store,
  ids: readonly string[],
  change: (view: View) => Change<T>,
  changed: (result: T) => readonly Job[],
): Promise<T> {
  const oldest = new Map<string, string>();
  const result = await store.transact((view) => {
    for (const id of ids) {
      const run = view.records.get(id)?.history?.[0]?.run;
      if (run !== undefined) oldest.set(id, run);
    }
    return change(view);
  });
  const gone = changed(result).flatMap(({ id, history }) => {
    const run = oldest.get(id);
    return run !== undefined && history?.[0]?.run !== run ? [{ id, run }] : [];
  });
  if (gone.length > 0) removeLogsOf(store, gone);
  return result;
}
