/**
 * Who died, and what it left.
 *
 * Promises:
 * - A worker whose liveness lock can be taken is dead: known at once, without waiting for a lease.
 * - A lease counts as expired only after it was seen unchanged for its length of this process's own
 *   monotonic time: a jump of the clock, a stall of this process or a lock that could not be had, by
 *   its worker neither, expires nobody.
 * - A run of another host, boot or container is never recovered by its pid.
 */
import type { Job } from "../model/job.ts";
import type { LostWorker } from "../model/seat.ts";
import {
  closeGate,
  findDead,
  findDeadBeside,
  isLocal,
  removeTraces,
} from "../machine/dead_worker.ts";
import { readWorkerFile } from "../machine/worker_file.ts";
import type { Store } from "./store.ts";

/** When a lease was first seen as it is. */
interface Seen {
  readonly lease: string;
  readonly at: number;
}

/** A longer gap between two looks means that this process did not run: leases are seen afresh. */
const STALL_MS = 30_000;

/** Nobody who works as he should holds the lock for longer. */
const LONG_LOCK_MS = 1_000;

/** The worker of a cancelled run, which prolongs no lease, needs less than this to end it. */
const ENDING_MS = 30_000;

export class LostWorkers {
  readonly #store: Store;
  readonly #monotonic: () => number;
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
   * @param alive ids of workers that are known to live: this process's own, which is not frozen
   */
  async find(alive: readonly string[]): Promise<readonly LostWorker[]> {
    const expired = await this.#expired(alive);
    const { paths, records } = this.#store;
    const runs = records.running;
    const dead = findDead(paths, alive).map(({ id, lock }) =>
      this.#lost(id, true, runs.filter((job) => job.worker === id), lock)
    );
    try {
      const beside = findDeadBeside(paths, (id) => !runs.some((job) => job.worker === id))
        .map(({ id, lock }) => this.#lost(id, false, [], lock));
      return [...dead, ...beside, ...this.#others(runs, dead, expired)];
    } catch (error) {
      for (const each of dead) each.release();
      throw error;
    }
  }

  /** What was left otherwise than by those that are known to be dead. */
  #others(
    runs: readonly Job[],
    dead: readonly LostWorker[],
    expired: ReadonlySet<string>,
  ): readonly LostWorker[] {
    const accounted = new Set(dead.flatMap(({ runs }) => runs.map((job) => job.id)));
    const rest = runs.filter((job) => !accounted.has(job.id));
    const orphaned = rest.filter((job) => this.#isOrphaned(job)).map((job) =>
      this.#lost(job.worker ?? "an unknown worker", true, [job], undefined)
    );
    const frozen = rest.filter((job) => job.run !== undefined && expired.has(job.run));
    return [...orphaned, ...frozen.map((job) => this.#frozen(job))];
  }

  /** A run whose worker has no file: its gate is closed, nobody will settle it. */
  #isOrphaned(job: Job): boolean {
    return job.worker === undefined || readWorkerFile(this.#store.paths, job.worker) === undefined;
  }

  /** The runs whose leases are over. */
  async #expired(alive: readonly string[]): Promise<ReadonlySet<string>> {
    const leased = this.#store.records.running.filter(({ worker = "" }) => !alive.includes(worker));
    const late = this.#unchanged(leased);
    if (late.size === 0) return late;
    const seen = this.#seen;
    // Begun anew, also if the lock cannot be had at all.
    this.#seen = new Map();
    const begun = this.#monotonic();
    await this.#store.locked(() => {});
    if (this.#monotonic() - begun > LONG_LOCK_MS) return new Set();
    this.#seen = seen;
    // Its worker may have had the lock before, and have prolonged it.
    return new Set(
      this.#store.records.running.flatMap(({ run, lease_expires_at }) =>
        run && late.has(run) && seen.get(run)?.lease === lease_expires_at ? [run] : []
      ),
    );
  }

  /** The runs whose leases have been seen unchanged for their length. */
  #unchanged(jobs: readonly Job[]): ReadonlySet<string> {
    const now = this.#monotonic();
    if (now - this.#lastLook > STALL_MS) this.#seen = new Map();
    this.#lastLook = now;
    const seen = new Map<string, Seen>();
    const late = new Set<string>();
    for (const { run, state, updated_at, lease_expires_at: lease } of jobs) {
      if (!run || lease === undefined) continue;
      const before = this.#seen.get(run);
      const since = before?.lease === lease ? before : { lease, at: now };
      seen.set(run, since);
      const length = Date.parse(lease) - Date.parse(updated_at);
      const patience = state === "cancelled" ? Math.max(length, ENDING_MS) : length;
      if (now - since.at > patience) late.add(run);
    }
    this.#seen = seen;
    return late;
  }

  #frozen(job: Job): LostWorker {
    const worker = job.worker!;
    return this.#lost(worker, isLocal(this.#store.paths, worker), [job], undefined);
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
