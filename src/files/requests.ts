import type { WorkerRequest } from "../model/seat.ts";
import { ifThere } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
import type { Paths } from "./paths.ts";

/** What is asked of these workers. A request to cancel is taken away, a request to stop stays. */
export function requests(paths: Paths, workers: readonly string[]): readonly WorkerRequest[] {
  const names = new Set((ifThere(() => [...Deno.readDirSync(paths.workers)]) ?? [])
    .map(({ name }) => name));
  return workers.flatMap((worker) => {
    const { stop, cancel } = workerPaths(paths, worker);
    const asked: WorkerRequest[] = [];
    if (names.has(`${worker}.stop`)) {
      const text = ifThere(() => Deno.readTextFileSync(stop));
      asked.push({ kind: "stop", worker, force: text?.trim() === "force" });
    }
    if (names.has(`${worker}.cancel`)) {
      const run = ifThere(() => Deno.readTextFileSync(cancel))?.trim();
      ifThere(() => Deno.removeSync(cancel));
      if (run) asked.push({ kind: "cancel", worker, run });
    }
    return asked;
  });
}
