import { type EventFormat, formatEvents, type WorkerEvent } from "./events.ts";

/** What happened so close together is told in one message, in milliseconds. */
const TOGETHER_MS = 50;

/**
 * Collects a worker's events, for its log and for its supervisor: a message and a write for each
 * would cost more than the queue itself. What is held back is told with the next event, when the
 * worker rests, or when it looks after a long run.
 */
export class EventBuffer {
  #events: WorkerEvent[] = [];
  #flushed = -Infinity;

  constructor(
    readonly format: EventFormat,
    readonly log: (text: string) => void,
    readonly send: (text: string) => void,
  ) {}

  add(event: WorkerEvent): void {
    this.#events.push(event);
    if (performance.now() - this.#flushed > TOGETHER_MS) this.flush();
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#flushed = performance.now();
    const text = formatEvents(events, "text");
    this.send(this.format === "text" ? text : formatEvents(events, this.format));
    this.log(text);
  }
}
