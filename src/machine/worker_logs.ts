/** The logs of workers, of those that have left too. */
import { ambiguous, QueueError } from "../model/errors.ts";
import type { WorkerLog } from "../model/log.ts";
import { ifThere, removeIfThere } from "./io.ts";
import { logAt } from "./log.ts";
import { asideOf, type MachinePaths, workerPaths } from "./paths.ts";
import { isAlive } from "./worker_file.ts";

/** The ids of the workers that have one. */
function workersWithLogs(paths: MachinePaths): readonly string[] {
  const names = ifThere(() => [...Deno.readDirSync(paths.logs)]) ?? [];
  return names.flatMap(({ name }) => /^(worker-[^.]+)\.log$/.exec(name)?.[1] ?? []);
}

/**
 * Where a worker's own log is.
 *
 * @param given its id, or a beginning that only one worker has
 * @throws {QueueError} `not_found` or `conflict`
 */
export function findWorkerLog(paths: MachinePaths, given: string): WorkerLog {
  const known = workersWithLogs(paths);
  const matching = known.includes(given) ? [given] : known.filter((id) => id.startsWith(given));
  const [id] = matching;
  if (id === undefined || given === "") {
    throw new QueueError(
      "not_found",
      `no worker '${given}' has left a log`,
      "`queuectl worker list` shows those that run",
    );
  }
  if (matching.length > 1) throw ambiguous(given, matching);
  return { id, log: logAt(workerPaths(paths, id).log), alive: isAlive(paths, id) };
}

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
    if (written >= before) continue;
    for (const path of [log, asideOf(log)]) removeIfThere(path);
  }
}
