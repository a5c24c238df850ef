import type { Job } from "../model/job.ts";
import { buryDependents } from "../rules/bury_dependents.ts";
import { carryOut } from "./carry_out.ts";
import { rouseDependents } from "./dependents.ts";
import type { Hand } from "./hand.ts";
import { load } from "./jobs.ts";
import type { Settings } from "./settings.ts";

/**
 * What the end of a job means for those that wait for it: they look whether it is their turn or, if it
 * ended otherwise than completed, can never run.
 *
 * @returns the jobs that have ended: it, and those that can never run
 */
export async function endDependents(
  hand: Hand,
  settings: Settings,
  after: Job,
): Promise<readonly Job[]> {
  if (!await settings.hasDependents()) return [after];
  if (after.state === "completed") {
    await rouseDependents(hand.engine, after.id, hand.clock());
    return [after];
  }
  const loaded = await load(hand.engine, [after.id]);
  // Who has just taken one, to see whether it is its turn, finds out by itself.
  const buried = buryDependents(loaded.records, [after], after.updated_at)
    .filter(({ id }) => loaded.found.get(id)?.place !== "active");
  const done = new Set<string>();
  // Where another that it waited for has ended too, who ended that one may be faster.
  const events = buried.map((job) => ({ put: job }));
  await carryOut(hand, loaded, events, "leave", (id) => done.add(id));
  return [after, ...buried.filter(({ id }) => done.has(id))];
}
