import { removeIfThere } from "../machine/io.ts";
import { runLogPath } from "../machine/paths.ts";
import type { Job } from "../model/job.ts";
import type { Change, View } from "../rules/change.ts";
import type { Store } from "./store.ts";

/** What came of the end of a run. */
interface Ended {
  /** The job as it is now; undefined if the run was not current any more. */
  readonly job: Job | undefined;
}

/**
 * Makes a change by which a run of a job ends. The log of the run that has made room for it in the
 * job's history goes.
 */
export async function endRun<T extends Ended>(
  store: Store,
  id: string,
  change: (view: View) => Change<T>,
): Promise<T> {
  let oldest: string | undefined;
  const result = await store.transact((view) => {
    oldest = view.records.get(id)?.history?.[0]?.run;
    return change(view);
  });
  if (oldest !== undefined && result.job && result.job.history?.[0]?.run !== oldest) {
    removeIfThere(runLogPath(store.paths, id, oldest));
  }
  return result;
}
