import type { RunKey } from "../model/seat.ts";
import { leaseEnd } from "../model/transitions.ts";
import { jobOfRun } from "./settle.ts";
import type { Change, View } from "./change.ts";

/** The pure change: prolongs the lease of a run; false if the run is not current, or its job was cancelled. */
export function renew(view: View, key: RunKey): Change<boolean> {
  const job = jobOfRun(view.records, key);
  if (job?.state !== "processing") return { events: [], result: false };
  const lease_expires_at = leaseEnd(Date.parse(view.now), view.config);
  return {
    events: [{ put: { ...job, updated_at: view.now, lease_expires_at } }],
    result: true,
  };
}
