import type { StoredJob } from "./record.ts";

/** Removes a job from where it stands, unless it is gone already, or a worker has taken it meanwhile. */
export async function removeStored(stored: StoredJob): Promise<"removed" | "gone" | "taken"> {
  try {
    await stored.remove();
    return "removed";
  } catch (error) {
    // The engines refuse in words of their own; one of them also to remove what is not there.
    const state = await stored.getState();
    if (state === "unknown") return "gone";
    if (state === "active" || state === "completed" || state === "failed") return "taken";
    throw error;
  }
}
