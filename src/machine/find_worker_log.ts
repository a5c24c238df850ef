import { ambiguous, QueueError } from "../model/errors.ts";
import type { WorkerLog } from "../model/queue.ts";
import { logAt } from "./log.ts";
import { type MachinePaths, workerPaths } from "./paths.ts";
import { isAlive, workersWithLogs } from "./worker_file.ts";

/**
 * Where a worker's own log is, of one that has left too.
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
