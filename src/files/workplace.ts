import { idMaker } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { join } from "./join.ts";
import { Store, type StoreOptions } from "./store.ts";

/** Opens the files of a queue for a worker, which keeps only the jobs that have not ended. */
export async function openFilesWorkplace(
  directory: string,
  environment: StoreOptions,
): Promise<Pick<Queue, "join" | "close">> {
  const store = await Store.open(directory, { ...environment, keep: "unfinished", longBytes: 0 });
  const makeRun = idMaker(environment.clock, environment.random);
  return {
    join: (worker) => join(store, worker, makeRun),
    close: () => {
      store.close();
      return Promise.resolve();
    },
  };
}
