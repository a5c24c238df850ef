import type { WorkerInfo } from "../model/queue.ts";
import { isThere } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
import type { Paths } from "./paths.ts";
import type { Records } from "../rules/records.ts";
import { isAlive, readWorkerFile, workerIds } from "../machine/worker_file.ts";

/** Every worker that has a file, alive or not, with what it runs. */
export function workers(records: Records, paths: Paths): readonly WorkerInfo[] {
  const running = new Map(records.running.map((job) => [job.worker, job]));
  return workerIds(paths).flatMap((id) => {
    const file = readWorkerFile(paths, id);
    if (!file) return [];
    const job = running.get(id);
    return [{
      id,
      pid: file.pid,
      host: file.host,
      started_at: file.started_at,
      alive: isAlive(paths, id),
      stopping: isThere(workerPaths(paths, id).stop),
      job: job?.id ?? null,
      job_started_at: job?.started_at ?? null,
    }];
  });
}
