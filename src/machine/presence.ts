/**
 * That a worker is there, on its machine.
 *
 * Promises:
 * - The worker holds a lock of its own for life, under a name never used again: whoever can take
 *   it knows at once that the worker is dead.
 * - `workers/<id>.json` is the gate of its runs: they look whether it is there before they begin.
 */
import { QueueError } from "../model/errors.ts";
import {
  fileError,
  isThere,
  makePrivateDirectory,
  openPrivate,
  type Owner,
  removeIfThere,
  writeAll,
} from "./io.ts";
import { asideOf, type MachinePaths, type WorkerPaths, workerPaths } from "./paths.ts";
import { here } from "./place.ts";
import type { WorkerFile } from "./worker_file.ts";

const encoder = new TextEncoder();

/** A worker's own log is set aside when it is longer than this, in bytes: some 80,000 jobs. */
const LOG_BYTES = 16 * 1024 * 1024;

export class Presence {
  readonly #paths: WorkerPaths;
  readonly #owner: Owner | undefined;
  readonly #lock: Deno.FsFile;
  #log: Deno.FsFile;

  private constructor(paths: WorkerPaths, owner: Owner | undefined, lock: Deno.FsFile) {
    this.#paths = paths;
    this.#owner = owner;
    this.#lock = lock;
    this.#log = openLog(paths, owner);
  }

  /**
   * Begins it.
   *
   * @param now ISO 8601 in UTC
   * @throws {QueueError} `conflict` if there is a worker of this name
   */
  static take(
    paths: MachinePaths,
    owner: Owner | undefined,
    worker: string,
    now: string,
  ): Presence {
    const own = workerPaths(paths, worker);
    let lock: Deno.FsFile | undefined;
    try {
      lock = openPrivate(own.lock, owner, { createNew: true });
      lock.lockSync(true);
      const { ino } = lock.statSync();
      const file: WorkerFile = {
        id: worker,
        pid: Deno.pid,
        lock: ino,
        ...here(),
        started_at: now,
      };
      using data = openPrivate(own.data, owner, { createNew: true });
      writeAll(data, encoder.encode(`${JSON.stringify(file)}\n`));
      return new Presence(own, owner, lock);
    } catch (error) {
      if (!lock && error instanceof Deno.errors.AlreadyExists) {
        throw new QueueError("conflict", `there is a worker '${worker}' already`);
      }
      // A worker that never came must not look as if it lived.
      if (lock) { for (const path of [own.data, own.lock]) removeIfThere(path); }
      lock?.close();
      throw fileError(error, `cannot write into ${paths.workers}`);
    }
  }

  /** Makes the directories for it, if they are not there. */
  static makeRoom(paths: MachinePaths, owner: Owner | undefined): void {
    makePrivateDirectory(paths.workers, owner);
    makePrivateDirectory(paths.logs, owner);
  }

  /** The file that the worker's runs look for before they begin. */
  get gate(): string {
    return this.#paths.data;
  }

  /** False once somebody has given the worker up for dead. */
  isThere(): boolean {
    return isThere(this.#paths.data);
  }

  /**
   * Appends to the worker's own log. One that has grown too long is set aside, and what was aside goes.
   *
   * @param most how long it may grow, in bytes
   */
  log(text: string, most = LOG_BYTES): void {
    try {
      if (this.#log.statSync().size > most) this.#setLogAside();
      writeAll(this.#log, encoder.encode(text));
    } catch {
      // A full disk, say: what a worker tells of itself is not worth a run.
    }
  }

  #setLogAside(): void {
    Deno.renameSync(this.#paths.log, asideOf(this.#paths.log));
    const log = openLog(this.#paths, this.#owner);
    this.#log.close();
    this.#log = log;
  }

  /** Ends it: only the log stays. */
  leave(): void {
    const { data, stop, cancel, lock } = this.#paths;
    try {
      for (const path of [data, stop, cancel, lock]) removeIfThere(path);
    } finally {
      this.#lock.close();
      this.#log.close();
    }
  }
}

function openLog({ log }: WorkerPaths, owner: Owner | undefined): Deno.FsFile {
  return openPrivate(log, owner, { create: true, append: true });
}
