import type { Job } from "../model/job.ts";
import { refuseRunning } from "../rules/delete.ts";
import { forgetDependents } from "./dependents.ts";
import type { Engine } from "./engine.ts";
import { loadAll } from "./jobs.ts";

/** Nothing is left. Not while something runs. */
export async function deleteAll(engine: Engine): Promise<readonly Job[]> {
  const { records } = await loadAll(engine);
  refuseRunning(records);
  const jobs = [...records.values()];
  await engine.queue.drain(true);
  for (const place of ["completed", "failed"] as const) {
    while ((await engine.queue.clean(0, BATCH, place)).length > 0);
  }
  for (const shelf of engine.shelves.values()) await shelf.obliterate();
  const awaited = new Set(jobs.flatMap(({ depends_on = [] }) => depends_on));
  for (const id of awaited) await forgetDependents(engine, id);
  return jobs;
}

/** How many jobs are removed at a time. */
const BATCH = 1_000;
