/**
 * A worker's place in a queue of files.
 *
 * Promises:
 * - The worker holds a lock of its own for life, under a name never used again: whoever can take
 *   it knows at once that the worker is dead.
 * - `workers/<id>.json` is the gate of its runs: they look whether it is there before they begin.
 */
import { QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { Claim, ClaimedJob, RunKey, Seat, Settled } from "../model/queue.ts";
import type { Outcome } from "../model/transitions.ts";
import { claim } from "./claim.ts";
import {
  fileError,
  isThere,
  makePrivateDirectory,
  openPrivate,
  removeIfThere,
  writeAll,
} from "./io.ts";
import { runLogPath, type WorkerPaths, workerPaths } from "./paths.ts";
import { renew } from "./renew.ts";
import { settle } from "./settle.ts";
import type { Store } from "./store.ts";
import { WaitingLine } from "./waiting_line.ts";
import { here, type WorkerFile } from "./worker_file.ts";

const encoder = new TextEncoder();

/**
 * Takes a place as a worker.
 *
 * @param makeRun makes run ids, never one twice
 * @throws {QueueError} `conflict` if there is a worker of this name
 */
export async function join(store: Store, worker: string, makeRun: () => string): Promise<Seat> {
  // The first lock makes the directory and everything in it, if nobody was here before.
  await store.locked(() => makeDirectories(store));
  const paths = workerPaths(store.paths, worker);
  const liveness = takePlace(store, worker, paths);
  const log = openPrivate(paths.log, store.owner, { create: true, append: true });
  return new FilesSeat(store, worker, makeRun, liveness, log);
}

function makeDirectories(store: Store): void {
  makePrivateDirectory(store.paths.workers, store.owner);
  makePrivateDirectory(store.paths.logs, store.owner);
}

function takePlace(store: Store, worker: string, paths: WorkerPaths): Deno.FsFile {
  try {
    const lock = openPrivate(paths.lock, store.owner, { createNew: true });
    lock.lockSync(true);
    const file: WorkerFile = { id: worker, pid: Deno.pid, ...here(), started_at: store.now };
    using data = openPrivate(paths.data, store.owner, { createNew: true });
    writeAll(data, encoder.encode(`${JSON.stringify(file)}\n`));
    return lock;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new QueueError("conflict", `there is a worker '${worker}' already`);
    }
    throw fileError(error, `cannot write into ${store.paths.workers}`);
  }
}

class FilesSeat implements Seat {
  #line: WaitingLine;

  constructor(
    readonly store: Store,
    readonly id: string,
    readonly makeRun: () => string,
    readonly liveness: Deno.FsFile,
    readonly logFile: Deno.FsFile,
  ) {
    this.#line = new WaitingLine(store.records);
    store.onReload(() => this.#line = new WaitingLine(store.records));
  }

  async claim(): Promise<Claim> {
    const run = this.makeRun();
    const claimed = await this.store.transact((view) =>
      claim(view, this.#line, { worker: this.id, run })
    );
    return "kind" in claimed ? claimed : this.#claimedJob(claimed, run);
  }

  async settle(key: RunKey, outcome: Outcome, claimNext: boolean): Promise<Settled> {
    const run = this.makeRun();
    const { job, claimed } = await this.store.transact((view) => {
      const ended = settle(view, key, outcome);
      // What is run when a job has ended comes before the next job.
      const next = claimNext && ended.result && view.config.on_finish === ""
        ? claim(view, this.#line, { worker: this.id, run })
        : undefined;
      return {
        events: [...ended.events, ...next?.events ?? []],
        result: { job: ended.result, claimed: next?.result },
      };
    });
    const next = claimed && !("kind" in claimed) ? this.#claimedJob(claimed, run) : undefined;
    return { job, next };
  }

  #claimedJob(job: Job, run: string): ClaimedJob {
    const { paths, config } = this.store;
    return {
      kind: "job",
      job,
      gate: workerPaths(paths, this.id).data,
      log: runLogPath(paths, job.id, run),
      config,
    };
  }

  renew(key: RunKey): Promise<boolean> {
    return this.store.transact((view) => renew(view, key));
  }

  isMember(): boolean {
    return isThere(workerPaths(this.store.paths, this.id).data);
  }

  log(text: string): void {
    try {
      writeAll(this.logFile, encoder.encode(text));
    } catch {
      // A full disk, say: what a worker tells of itself is not worth a run.
    }
  }

  leave(): Promise<void> {
    const paths = workerPaths(this.store.paths, this.id);
    for (const path of [paths.data, paths.stop, paths.cancel, paths.lock]) removeIfThere(path);
    this.liveness.close();
    this.logFile.close();
    return Promise.resolve();
  }
}
