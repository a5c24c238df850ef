import { removeIfThere, replaceFile } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
import type { Store } from "./store.ts";
import { isAlive, workerIds } from "../machine/worker_file.ts";
import { writeStop } from "../model/stop_request.ts";
import { askedWorkers } from "../rules/asked_workers.ts";

/**
 * Leaves a request to stop for each of these workers, or for all that live.
 *
 * @param force end the runs and put the jobs back, instead of finishing what runs
 * @returns who was asked
 * @throws {QueueError} `not_found` if one of the ids is no live worker; then nobody is asked
 */
export function stopWorkers(
  store: Store,
  ids: readonly string[] | undefined,
  force: boolean,
): readonly string[] {
  const alive = workerIds(store.paths).filter((id) => isAlive(store.paths, id));
  const asked = askedWorkers(ids, alive);
  for (const id of asked) {
    const request = workerPaths(store.paths, id).stop;
    replaceFile(request, `${writeStop({ force, all: ids === undefined })}\n`, store.owner);
    // Who has left meanwhile has taken away all that it knew of.
    if (!isAlive(store.paths, id)) removeIfThere(request);
  }
  return asked;
}
