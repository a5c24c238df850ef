/**
 * What a supervisor does for the queue beside its workers, from time to time: recovers what dead
 * workers left, enqueues what the schedules say, removes what is older than the retention, and
 * keeps the JSON files up to date, for a tenth of the time at most, and half of that while workers
 * work.
 */
import { messageOf } from "../model/errors.ts";
import type { Queue } from "../model/queue.ts";
import { startTimer, type Timer } from "../timer.ts";
import type { WorkerEvent } from "./events.ts";
import { recover } from "./recover.ts";
import { Recovery } from "./recovery.ts";

const LOOK_MS = 1_000;

/** While workers tell of work one looks more often: there is less to read when the end comes. */
const BUSY_LOOK_MS = 250;

/** A checkpoint is followed by this many times its own duration without one. */
const REST_PER_CHECKPOINT = { idle: 9, busy: 19 };

/** How long the checkpoint before the first one is taken to have lasted. */
const TOOK_BEFORE_MS = 100;

/** A supervisor that is older than this may go on for weeks. */
const STAYS_MS = 5_000;

const DAY_MS = 86_400_000;

/** How often to look whether the retention is another one. */
const RETENTION_LOOK_MS = 10_000;

/**
 * How often to look for jobs that are older than the retention, and how many go at a time: all jobs are
 * read for it.
 */
const PRUNE_EVERY_MS = 600_000;
const PRUNE_AT_ONCE = 1_000;

/** What housekeeping is given from outside. */
interface HousekeepingOptions {
  readonly queue: Queue;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Ids of workers that are known to live. */
  readonly alive: () => readonly string[];
  /** True while every worker rests. */
  readonly isIdle: () => boolean;
  readonly onEvent: (event: WorkerEvent) => void;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #recovery: Recovery;
  #timer: Timer | undefined;
  #nextLook = 0;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;
  #worked = false;
  /** The end of the last checkpoint, and how long it took, in milliseconds. */
  #checkpointedAt = 0;
  #took = TOOK_BEFORE_MS;
  #retentionLookAt = 0;
  #pruneNotBefore = 0;
  /** The retention of the last time, in days. */
  #prunedBy = 0;
  #staysFrom = Infinity;
  /** What went wrong the last time is not said again. */
  #lastErrors: ReadonlySet<string> = new Set();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    const { queue, clock, alive, onEvent } = options;
    this.#recovery = new Recovery(() => recover(queue, alive(), clock, onEvent));
  }

  start(): void {
    const now = performance.now();
    this.#checkpointedAt = now;
    this.#staysFrom = now + STAYS_MS;
    this.#lookIn(0);
  }

  /** A worker changed something: the JSON files are behind. */
  noteWork(): void {
    this.#worked = true;
    if (this.#nextLook - performance.now() > BUSY_LOOK_MS) this.#lookIn(BUSY_LOOK_MS);
  }

  /** A worker of this supervisor died. */
  recoverSoon(): void {
    this.#lookIn(0);
  }

  /** The last round: after it the files are up to date. */
  async finish(): Promise<void> {
    this.#closed = true;
    this.#timer?.stop();
    await this.#looking;
    this.#worked = true;
    await this.#look();
  }

  #lookIn(ms: number): void {
    if (this.#closed) return;
    this.#nextLook = performance.now() + ms;
    this.#timer?.stop();
    this.#timer = startTimer(ms, () => {
      this.#looking = this.#looking.then(() => this.#look()).then(() => this.#lookIn(LOOK_MS));
    });
  }

  /** A full disk or a held lock, say, keeps one from nothing else: the next round tries again. */
  async #look(): Promise<void> {
    const errors: string[] = [];
    const chores = [this.#recover, this.#fireSchedules, this.#prune, this.#checkpoint, this.#stay];
    for (const chore of chores) {
      try {
        await chore.call(this);
      } catch (error) {
        errors.push(messageOf(error));
      }
    }
    for (const error of new Set(errors).difference(this.#lastErrors)) {
      const time = new Date(this.#options.clock()).toISOString();
      const event = this.#closed ? "warned" : "waiting";
      this.#options.onEvent({ time, worker: "supervisor", event, error });
    }
    this.#lastErrors = new Set(errors);
  }

  async #recover(): Promise<void> {
    await (this.#closed ? this.#recovery.finish() : this.#recovery.advance());
  }

  async #fireSchedules(): Promise<void> {
    if (this.#closed) return;
    const { queue, clock, onEvent } = this.#options;
    for (const job of await queue.fireSchedules()) {
      this.#worked = true;
      const time = new Date(clock()).toISOString();
      onEvent({ time, worker: "supervisor", event: "scheduled", job });
    }
  }

  /** Some at a time, so that a long queue's claims are not held up. */
  async #prune(): Promise<void> {
    const now = performance.now();
    if (now < this.#retentionLookAt) return;
    const { queue, clock } = this.#options;
    const { retention_days } = (await queue.config()).complete;
    if (retention_days === this.#prunedBy && now < this.#pruneNotBefore) {
      this.#retentionLookAt = now + RETENTION_LOOK_MS;
      return;
    }
    const gone = retention_days === 0 ? [] : await queue.prune({
      states: ["completed", "cancelled", "dead"],
      endedBefore: clock() - retention_days * DAY_MS,
      workerLogs: true,
      limit: PRUNE_AT_ONCE,
      dryRun: false,
    });
    if (gone.length > 0) this.#worked = true;
    if (gone.length === PRUNE_AT_ONCE) return;
    this.#prunedBy = retention_days;
    this.#retentionLookAt = now + RETENTION_LOOK_MS;
    this.#pruneNotBefore = now + PRUNE_EVERY_MS;
  }

  async #stay(): Promise<void> {
    if (this.#closed || performance.now() < this.#staysFrom) return;
    await this.#options.queue.loadVerbs();
    this.#staysFrom = Infinity;
  }

  #mayCheckpoint(): boolean {
    const { idle, busy } = REST_PER_CHECKPOINT;
    const rest = this.#took * (this.#options.isIdle() ? idle : busy);
    return this.#closed || performance.now() >= this.#checkpointedAt + rest;
  }

  async #checkpoint(): Promise<void> {
    if (!this.#worked || !this.#mayCheckpoint()) return;
    this.#worked = false;
    const begun = performance.now();
    let isDone = false;
    try {
      isDone = await this.#options.queue.checkpoint(this.#closed ? "wait" : "skip");
    } finally {
      if (!isDone) this.#worked = true;
      this.#checkpointedAt = performance.now();
      this.#took = this.#checkpointedAt - begun;
    }
  }
}
