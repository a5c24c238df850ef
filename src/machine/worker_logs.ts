import { ifThere, removeIfThere } from "./io.ts";
import { type MachinePaths, workerPaths } from "./paths.ts";
import { isAlive, workersWithLogs } from "./worker_file.ts";

/**
 * Removes the logs of workers that left long ago.
 *
 * @param before milliseconds since 1970
 */
export function removeWorkerLogs(paths: MachinePaths, before: number): void {
  for (const id of workersWithLogs(paths)) {
    if (isAlive(paths, id)) continue;
    const { log } = workerPaths(paths, id);
    const written = ifThere(() => Deno.statSync(log))?.mtime?.getTime() ?? Infinity;
    if (written < before) removeIfThere(log);
  }
}
