/**
 * Wakes resting workers: when the queue changes, when the next job falls due, and by polling.
 *
 * One watch serves all workers of a supervisor, and only while one of them rests: while jobs run,
 * every line that a worker writes would be an event for the others. One change wakes one worker;
 * what that one takes is a change again, and wakes the next. A job that falls due wakes all who knew
 * that it would: others may fall due with it.
 */
import type { Queue, Watch } from "../model/queue.ts";
import { startTimer, type Timer } from "../timer.ts";

/** A worker that found nothing to do. */
interface Resting {
  /** When the next job falls due, milliseconds since 1970. */
  readonly nextDue: number | undefined;
}

/** A timer stands still while the machine sleeps, and knows of no clock that is set: it looks again, in milliseconds. */
const LONGEST_TIMER_MS = 10_000;

/** How long the watch goes on after the last worker got busy, in milliseconds. */
const LINGER_MS = 1_000;

export class Wakeup {
  readonly #queue: Queue;
  readonly #clock: () => number;
  readonly #wake: (worker: string) => void;
  readonly #resting = new Map<string, Resting>();
  /** When each worker was last told to look, by the count of changes. */
  readonly #looked = new Map<string, number>();
  #changes = 0;
  #watch: Watch | undefined;
  #linger: Timer | undefined;
  #due: Timer | undefined;

  constructor(queue: Queue, clock: () => number, wake: (worker: string) => void) {
    this.#queue = queue;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** A worker found nothing to do. What changed since it was last woken, it may not have seen: then it looks again. */
  rests(worker: string, nextDue: number | undefined): void {
    this.#resting.set(worker, { nextDue });
    this.#linger?.stop();
    this.#linger = undefined;
    if (!this.#watch) {
      this.#watch = this.#queue.watchForWork(() => this.#changed());
      this.#changes++;
    }
    if (this.#looked.get(worker) !== this.#changes) return this.#rouse(worker);
    this.#setTimer();
  }

  /** How many workers rest. */
  get resting(): number {
    return this.#resting.size;
  }

  /** A worker is gone. */
  forget(worker: string): void {
    this.#resting.delete(worker);
    this.#looked.delete(worker);
    this.#lingerIfBusy();
  }

  async close(): Promise<void> {
    this.#linger?.stop();
    this.#due?.stop();
    this.#resting.clear();
    await this.#watch?.close();
    this.#watch = undefined;
  }

  #changed(): void {
    this.#changes++;
    this.#rouseOne();
  }

  #rouseOne(): void {
    const [worker] = this.#resting.keys();
    if (worker !== undefined) this.#rouse(worker);
  }

  #rouse(worker: string): void {
    this.#resting.delete(worker);
    this.#looked.set(worker, this.#changes);
    this.#wake(worker);
    this.#setTimer();
    this.#lingerIfBusy();
  }

  #setTimer(): void {
    this.#due?.stop();
    const times = [...this.#resting.values()].map(({ nextDue }) => nextDue ?? Infinity);
    const next = Math.min(...times);
    if (next === Infinity) return;
    const wait = Math.max(0, next - this.#clock());
    this.#due = startTimer(Math.min(wait, LONGEST_TIMER_MS), () => {
      if (this.#clock() >= next) this.#rouseOne();
      else this.#setTimer();
    });
  }

  #lingerIfBusy(): void {
    if (this.#resting.size > 0 || !this.#watch || this.#linger !== undefined) return;
    this.#linger = startTimer(LINGER_MS, () => {
      this.#linger = undefined;
      this.#watch?.close();
      this.#watch = undefined;
    });
  }
}
