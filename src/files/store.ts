/**
 * A queue's files: read, changed and written.
 *
 * Promises:
 * 1. The files change only under the exclusive lock, in `locked`: a pure change by `transact`, the
 *    snapshots by a checkpoint, and files that do not fit each other by `adopt`.
 * 7. What `transact` has written survives the death of any process at any instant; after
 *    `sync` it survives a power cut.
 * 8. The lock is never held while a command runs.
 */
import { type Config, DEFAULT_CONFIG } from "../model/config.ts";
import type { Environment } from "../model/environment.ts";
import { QueueError } from "../model/errors.ts";
import { isEnded, type Job } from "../model/job.ts";
import { adopt } from "./adopt.ts";
import { ConfigFile } from "./config_file.ts";
import { fileError, makePrivateDirectory, type Owner } from "../machine/io.ts";
import type { Journal } from "./journal.ts";
import { lean } from "../rules/lean.ts";
import { hold } from "./load.ts";
import { makeLogFor } from "../machine/log.ts";
import { onFinishLogPath } from "../machine/paths.ts";
import { type Paths, pathsOf } from "./paths.ts";
import { QueueLock } from "./queue_lock.ts";
import type { Change, View } from "../rules/change.ts";
import { afterEvent, idOf, type Keep, type QueueEvent, type Records } from "../rules/records.ts";
import { Replica } from "./replica.ts";
import type { FaultPoint } from "./replace_snapshots.ts";
import { LONG_BYTES } from "./snapshot.ts";

/** What a store is given from outside. */
export interface StoreOptions extends Environment {
  /** What to keep in memory of a long queue; everything, if absent. */
  readonly keep?: Keep;
  /** From how many bytes on its snapshots are long. */
  readonly longBytes?: number;
  readonly lockDeadlineMs?: number;
  readonly fault?: FaultPoint;
}

/** How often at most the lock is given back to read what others have written. */
const READ_ROUNDS = 5;

export class Store {
  readonly paths: Paths;
  /** The files as they have been read. */
  readonly replica: Replica;
  readonly #lock: QueueLock;
  readonly #config: ConfigFile;
  readonly fault: FaultPoint;
  /** Bytes that this process has written to the journal since its last checkpoint began. */
  written = 0;

  private constructor(directory: string, readonly environment: StoreOptions) {
    this.paths = pathsOf(directory);
    this.#lock = new QueueLock(this.paths, environment.lockDeadlineMs);
    this.#config = new ConfigFile(this.paths.config);
    this.replica = new Replica(this.paths, {
      clock: environment.clock,
      warn: environment.warn,
      maxRetries: () => this.config.max_retries,
      keep: environment.keep ?? "all",
      longBytes: environment.longBytes ?? LONG_BYTES,
    });
    this.fault = environment.fault ?? (() => {});
  }

  /**
   * Opens the queue in a directory. Makes no file: a queue that is not there is an empty one
   * until something is written.
   */
  static async open(directory: string, environment: StoreOptions): Promise<Store> {
    const store = new Store(directory, environment);
    try {
      store.config = store.#config.read().complete;
      await store.#load();
      return store;
    } catch (error) {
      throw fileError(error, `cannot open ${directory}`);
    }
  }

  /** Who new files are given to, if that is not who runs this. */
  get owner(): Owner | undefined {
    return this.#lock.owner;
  }

  get records(): Records {
    return this.replica.records;
  }

  /** The settings as they were when they were last looked at. */
  config: Config = DEFAULT_CONFIG;

  /** Bytes in the journal behind its header, as far as read. */
  get journaled(): number {
    const { journal } = this.replica;
    return journal ? journal.offset - journal.begin : 0;
  }

  /** Bytes in both snapshots when the journal began. */
  get snapshotBytes(): number {
    const header = this.replica.journal?.header;
    return header ? header.jobs.size + header.dlq.size : 0;
  }

  get now(): string {
    return new Date(this.environment.clock()).toISOString();
  }

  /** Told when the records have been read anew, as another object. */
  onReload(listener: () => void): void {
    this.replica.onReload(listener);
  }

  /**
   * The one place where the queue changes: lock, catch up, change, write one line, unlock.
   *
   * @param change pure; what it throws leaves everything as it was
   * @param tells false if `on_finish` has been told of what has ended in it
   */
  transact<T>(change: (view: View) => Change<T>, tells = true): Promise<T> {
    return this.locked(() => {
      this.freshConfig();
      const view = this.#view();
      const { events, result } = change(view);
      if (events.length > 0) this.#append(this.replica.journal!, events, view.now, tells);
      return result;
    });
  }

  /** What a change would give. Nothing is written, not even the files of a queue that is not there yet. */
  async preview<T>(change: (view: View) => Change<T>): Promise<T> {
    await this.refresh();
    return change(this.#view()).result;
  }

  /** What a change is made of. */
  #view(): View {
    return {
      records: this.records,
      now: this.now,
      next: this.replica.journal?.next ?? 1,
      config: this.config,
      random: this.environment.random,
    };
  }

  /**
   * The settings as they are now. Those that somebody is writing just now, or has damaged, must not
   * cost a run its end: then the last good ones count.
   */
  freshConfig(): Config {
    try {
      this.config = this.#config.read().complete;
    } catch (thrown) {
      const error = fileError(thrown, `cannot read ${this.paths.config}`);
      if (!(error instanceof QueueError)) throw error;
      this.environment.warn(`${error.message}; the settings from before count`);
    }
    return this.config;
  }

  #append(journal: Journal, events: readonly QueueEvent[], now: string, tells: boolean): void {
    const before = journal.offset;
    this.fault("transaction begun");
    journal.append(this.#lean(events), now);
    this.written += journal.offset - before;
    this.fault("transaction written");
    const ended = !tells || this.config.on_finish === "" ? [] : this.#endedBy(events);
    for (const event of events) this.records.apply(event);
    if (ended.length > 0) this.#tellFinished(ended);
  }

  #tellFinished(jobs: readonly Job[]): void {
    const log = onFinishLogPath(this.paths);
    try {
      makePrivateDirectory(this.paths.logs, this.owner);
    } catch {
      // A full disk, say: what has happened stands in the journal, and is not undone by that.
    }
    makeLogFor(this.owner, this.paths, log);
    this.environment.onFinished?.({
      jobs,
      command: this.config.on_finish,
      gate: this.paths.directory,
      log,
      logLimitBytes: this.config.log_limit_bytes,
    });
  }

  #endedBy(events: readonly QueueEvent[]): readonly Job[] {
    return events.flatMap((event) => {
      const before = this.records.get(idOf(event) ?? "");
      const after = afterEvent(before, event);
      if (!after || !isEnded(after.state)) return [];
      return before && isEnded(before.state) ? [] : [after];
    });
  }

  /** What the journal needs to say of these events. Of two about one job the second stays whole. */
  #lean(events: readonly QueueEvent[]): readonly QueueEvent[] {
    if (!events.some((event) => "put" in event)) return events;
    const seen = new Set<string>();
    return events.map((event) => {
      const id = idOf(event) ?? "";
      const isFirst = !seen.has(id);
      seen.add(id);
      if (!("put" in event) || !isFirst) return event;
      return lean(this.records.get(event.put.id), event.put);
    });
  }

  /**
   * Calls `work` under the exclusive lock, with everything read that others have written.
   *
   * @throws {QueueError} `busy` if the lock cannot be had in time
   */
  async locked<T>(work: () => T): Promise<T> {
    const turn = await this.#lock.takeTurn();
    try {
      const replica = this.replica;
      for (let round = 0;; round++) {
        // What can be read before need not be read under the lock, where others wait for it.
        if (replica.journal) await this.refresh();
        const release = await this.#lock.acquire();
        try {
          if (!replica.catchUp(round === READ_ROUNDS)) continue;
          if (replica.fit.kind !== "as written") {
            replica.journal = adopt(this, replica.journal, replica.fit);
            replica.fit = { kind: "as written" };
          }
          return work();
        } finally {
          release();
        }
      }
    } catch (error) {
      throw fileError(error, `cannot use ${this.paths.directory}`);
    } finally {
      turn();
    }
  }

  /** Makes what was written survive a power cut. */
  sync(): void {
    this.replica.journal?.file.syncDataSync();
  }

  /** Reads what others have written, without the lock. */
  async refresh(): Promise<void> {
    if (this.replica.refresh()) return;
    this.freshConfig();
    await this.#load();
  }

  /** The settings have changed: the next transaction reads them. */
  forgetConfig(): void {
    this.#config.forget();
  }

  /** Opens all files together and reads them. */
  async #load(): Promise<void> {
    this.replica.take(await this.#lock.whileHeld(() => hold(this.paths)));
  }

  close(): void {
    this.replica.journal?.close();
    this.replica.journal = undefined;
    this.#lock.close();
  }
}
