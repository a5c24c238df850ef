/** Tells every open page that the queue has changed: one watch for all, however many there are. */
import type { Queue, Watch } from "../model/queue.ts";

/** The shortest and the longest time between two messages to a page, in milliseconds. */
const AT_MOST_EVERY_MS = 250;
const AT_LEAST_EVERY_MS = 1_000;

export class Live {
  readonly #queue: Queue;
  readonly #waiting = new Set<(changed: boolean) => void>();
  #watch: Watch | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #pending: ReturnType<typeof setTimeout> | undefined;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  /** Returns at the next change or, with false, when only time has gone on. */
  next(): Promise<boolean> {
    this.#open();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Wakes everybody who waits. */
  close(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    this.#wake(false);
    this.#rest();
  }

  #open(): void {
    this.#watch ??= this.#queue.watch(() => this.#soon());
    this.#timer ??= setInterval(() => this.#wake(false), AT_LEAST_EVERY_MS);
  }

  #soon(): void {
    this.#pending ??= setTimeout(() => this.#wake(true), AT_MOST_EVERY_MS);
  }

  #wake(changed: boolean): void {
    if (!changed && this.#pending !== undefined) return;
    clearTimeout(this.#pending);
    this.#pending = undefined;
    if (this.#waiting.size === 0) return this.#rest();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(changed);
  }

  /** Nobody looks: nothing is watched. */
  #rest(): void {
    this.#watch?.close();
    clearInterval(this.#timer);
    this.#watch = undefined;
    this.#timer = undefined;
  }
}
