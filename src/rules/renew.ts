import type { RunKey } from "../model/seat.ts";
import { jobOfRun } from "./settle.ts";
import type { Change, View } from "./change.ts";

/** The pure change: prolongs the lease of a run; false if the run is not current, or its job was cancelled. */
export function renew(view: View, key: RunKey): Change<boolean> {
  const job = jobOfRun(view.records, key);
  if (job?.state !== "processing") return { events: [], result: false };
  // As long as it was: by that its worker counts when to prolong it.
  const length = Date.parse(job.lease_expires_at ?? view.now) - Date.parse(job.updated_at);
  const lease_expires_at = new Date(Date.parse(view.now) + length).toISOString();
  return {
    events: [{ put: { ...job, updated_at: view.now, lease_expires_at } }],
    result: true,
  };
}
