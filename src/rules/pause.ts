import type { Change, View } from "./change.ts";

/** The pure change: from now on nothing is claimed, or again; true if that is new. */
export function setPaused(view: View, paused: boolean): Change<boolean> {
  if (view.records.paused === paused) return { events: [], result: false };
  return { events: [{ paused }], result: true };
}
