import { idMaker, type NewJob } from "../model/job.ts";
import type { Enqueued } from "../model/queue.ts";
import { isWorthCheckpoint } from "./checkpoint.ts";
import { enqueue } from "./enqueue.ts";
import { type Paths, pathsOf } from "./paths.ts";
import { openFilesQueue } from "./queue.ts";
import { Store, type StoreOptions } from "./store.ts";

/** Up to this many ids are looked for in a long queue's files instead of reading all of it. */
const FEW_IDS = 8;

/**
 * Enqueues jobs and does nothing else. In a long queue, which is rarely checkpointed then, only as much
 * is read as it takes to know that the ids are new.
 */
export async function enqueueOnly(
  directory: string,
  environment: StoreOptions,
  jobs: readonly NewJob[],
  options: { readonly ifAbsent: boolean },
): Promise<Enqueued> {
  const ids = jobs.flatMap(({ id }) => id ?? []);
  const isSimple = jobs.length <= FEW_IDS && jobs.every((job) => !job.depends_on?.length);
  if (!isSimple || !isCheckpointDear(pathsOf(directory))) {
    const queue = await openFilesQueue(directory, environment);
    try {
      return await queue.enqueue(jobs, options);
    } finally {
      await queue.close();
    }
  }
  const store = await Store.open(directory, { ...environment, keep: new Set(ids) });
  try {
    const makeId = idMaker(environment.clock, environment.random);
    return await enqueue(store, jobs, { ...options, makeId });
  } finally {
    store.close();
  }
}

/** True if a checkpoint of this queue would be neither cheap nor worth it, whatever one job adds to it. */
function isCheckpointDear(paths: Paths): boolean {
  try {
    const [jobs, dlq, journal] = [paths.jobs, paths.dlq, paths.journal]
      .map((path) => Deno.statSync(path).size) as [number, number, number];
    return !isWorthCheckpoint({ snapshots: jobs + dlq, journal, written: 0 });
  } catch {
    // There is no queue yet, or what is wrong is said when it is opened.
    return false;
  }
}
