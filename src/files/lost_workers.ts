/**
 * Who died, and what it left.
 *
 * Promises:
 * - A worker whose liveness lock can be taken is dead: known at once, without waiting for a lease.
 * - A lease counts as expired only after it was seen unchanged for its length of this process's own
 *   monotonic time: a jump of the clock or a stall of this process expires nobody.
 * - A run of another host, boot or container is never recovered by its pid.
 */
import type { Job } from "../model/job.ts";
import type { LostWorker } from "../model/queue.ts";
import { ifThere, removeIfThere } from "../machine/io.ts";
import { workerPaths } from "../machine/paths.ts";
import type { Paths } from "./paths.ts";
import type { Store } from "./store.ts";
import {
  here,
  isEarlierBoot,
  isSamePlace,
  readWorkerFile,
  takeLiveness,
  workerIds,
} from "../machine/worker_file.ts";

/** When a lease was first seen as it is. */
interface Seen {
  readonly lease: string;
  readonly at: number;
}

/** A gap so long between two looks means that this process did not run: leases are seen afresh. */
const STALL_MS = 30_000;

export class LostWorkers {
  readonly #store: Store;
  readonly #monotonic: () => number;
  readonly #here = here();
  #seen = new Map<string, Seen>();
  #lastLook = 0;

  /** @param monotonic milliseconds that never jump, as `performance.now` */
  constructor(store: Store, monotonic: () => number) {
    this.#store = store;
    this.#monotonic = monotonic;
  }

  /**
   * Finds them, each held against other finders until it is forgotten. The records must be fresh.
   *
   * @param alive ids of workers that are known to live; their leases count all the same
   */
  find(alive: readonly string[]): readonly LostWorker[] {
    const { paths, records } = this.#store;
    const runs = records.running;
    const dead = workerIds(paths).filter((id) => !alive.includes(id)).flatMap((id) => {
      const local = this.#isLocal(id);
      const lock = local ? takeLiveness(paths, id) : undefined;
      return lock ? [this.#lost(id, local, runs.filter((job) => job.worker === id), lock)] : [];
    });
    const accounted = new Set(dead.flatMap(({ runs }) => runs.map((job) => job.id)));
    const rest = runs.filter((job) => !accounted.has(job.id));
    const orphaned = rest.filter((job) => this.#isOrphaned(job)).map((job) =>
      this.#lost(job.worker ?? "an unknown worker", true, [job], undefined)
    );
    return [...dead, ...orphaned, ...this.#expired(rest)];
  }

  /** A run whose worker has no file: its gate is closed, nobody will settle it. */
  #isOrphaned(job: Job): boolean {
    return job.worker === undefined || readWorkerFile(this.#store.paths, job.worker) === undefined;
  }

  #expired(runs: readonly Job[]): readonly LostWorker[] {
    const now = this.#monotonic();
    if (now - this.#lastLook > STALL_MS) this.#seen = new Map();
    this.#lastLook = now;
    const seen = new Map<string, Seen>();
    const lost: LostWorker[] = [];
    for (const job of runs) {
      const lease = job.lease_expires_at;
      if (!job.run || lease === undefined) continue;
      const before = this.#seen.get(job.run);
      const since = before?.lease === lease ? before : { lease, at: now };
      seen.set(job.run, since);
      const length = Date.parse(lease) - Date.parse(job.updated_at);
      if (now - since.at > length) lost.push(this.#frozen(job));
    }
    this.#seen = seen;
    return lost;
  }

  #frozen(job: Job): LostWorker {
    const worker = job.worker!;
    return this.#lost(worker, this.#isLocal(worker), [job], undefined);
  }

  /** True if its lock means something here, and its processes, if there still are any, can be found. */
  #isLocal(worker: string): boolean {
    const file = readWorkerFile(this.#store.paths, worker);
    return file === undefined || isSamePlace(file, this.#here) ||
      isEarlierBoot(file, this.#here);
  }

  #lost(
    id: string,
    local: boolean,
    runs: readonly Job[],
    lock: Deno.FsFile | undefined,
  ): LostWorker {
    const { paths } = this.#store;
    return {
      id,
      local,
      runs,
      closeGate: () => closeGate(paths, id),
      forget: () => this.#store.locked(() => removeTraces(paths, id, lock !== undefined)),
      release: () => lock?.close(),
    };
  }
}

/** The worker's file gets another name: its gate is closed, and who looks still knows where it was. */
function closeGate(paths: Paths, id: string): void {
  const { data, gone } = workerPaths(paths, id);
  ifThere(() => Deno.renameSync(data, gone));
}

/** A frozen worker still holds its lock file: that one goes when it wakes up, or dies. */
function removeTraces(paths: Paths, id: string, withLock: boolean): void {
  const { data, gone, stop, cancel, lock } = workerPaths(paths, id);
  for (const path of [data, gone, stop, cancel]) removeIfThere(path);
  if (withLock) removeIfThere(lock);
}
