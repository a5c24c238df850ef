/**
 * What a supervisor does for the queue beside its workers, once a second: recovers what dead
 * workers left, enqueues what the schedules say, removes what is older than the retention, and
 * keeps the JSON files up to date, for a tenth of the time at most.
 */
import type { Queue } from "../model/queue.ts";
import type { WorkerEvent } from "./events.ts";
import { recover } from "./recover.ts";

const LOOK_MS = 1_000;

/** A checkpoint that took this long is followed by nine times that without one. */
const REST_PER_CHECKPOINT = 9;

const DAY_MS = 86_400_000;

/** How often to look for jobs that are older than the retention, and how many go at a time. */
const PRUNE_EVERY_MS = 10_000;
const PRUNE_AT_ONCE = 1_000;

export class Housekeeping {
  readonly #queue: Queue;
  readonly #clock: () => number;
  readonly #onEvent: (event: WorkerEvent) => void;
  readonly #alive: () => readonly string[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;
  #worked = false;
  #notBefore = 0;
  #pruneNotBefore = 0;
  #lastError = "";

  /** @param alive ids of workers that are known to live */
  constructor(
    queue: Queue,
    clock: () => number,
    alive: () => readonly string[],
    onEvent: (event: WorkerEvent) => void,
  ) {
    this.#alive = alive;
    this.#queue = queue;
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  start(): void {
    this.#lookIn(0);
  }

  /** A worker changed something: the JSON files are behind. */
  noteWork(): void {
    this.#worked = true;
  }

  /** A worker of this supervisor died. */
  recoverSoon(): void {
    this.#lookIn(0);
  }

  /** The last round: after it the files are up to date. */
  async finish(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    this.#worked = true;
    this.#notBefore = 0;
    await this.#look();
  }

  #lookIn(ms: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#looking = this.#looking.then(() => this.#look()).then(() => this.#lookIn(LOOK_MS));
    }, ms);
  }

  async #look(): Promise<void> {
    try {
      await recover(this.#queue, this.#alive(), this.#clock, this.#onEvent);
      if (!this.#closed) await this.#fireSchedules();
      await this.#prune();
      if (this.#worked && performance.now() >= this.#notBefore) await this.#checkpoint();
      this.#lastError = "";
    } catch (error) {
      // A full disk or a held lock, say: the next round tries again, and says it once.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== this.#lastError) {
        const time = new Date(this.#clock()).toISOString();
        this.#onEvent({ time, worker: "supervisor", event: "waiting", error: message });
      }
      this.#lastError = message;
    }
  }

  async #fireSchedules(): Promise<void> {
    for (const job of await this.#queue.fireSchedules()) {
      this.#worked = true;
      const time = new Date(this.#clock()).toISOString();
      this.#onEvent({ time, worker: "supervisor", event: "scheduled", job });
    }
  }

  /** Some at a time, so that a long queue's claims are not held up. */
  async #prune(): Promise<void> {
    if (performance.now() < this.#pruneNotBefore) return;
    const { retention_days } = (await this.#queue.config()).complete;
    const gone = retention_days === 0 ? [] : await this.#queue.prune({
      states: ["completed", "cancelled", "dead"],
      endedBefore: this.#clock() - retention_days * DAY_MS,
      workerLogs: true,
      limit: PRUNE_AT_ONCE,
      dryRun: false,
    });
    if (gone.length > 0) this.#worked = true;
    if (gone.length < PRUNE_AT_ONCE) this.#pruneNotBefore = performance.now() + PRUNE_EVERY_MS;
  }

  async #checkpoint(): Promise<void> {
    this.#worked = false;
    const begun = performance.now();
    if (!await this.#queue.checkpoint(this.#closed ? "wait" : "skip")) this.#worked = true;
    const ended = performance.now();
    this.#notBefore = ended + REST_PER_CHECKPOINT * (ended - begun);
  }
}
