import { type EventFormat, formatEvents, type WorkerEvent } from "./events.ts";

/** What happened so close together is told in one message, in milliseconds. */
const TOGETHER_MS = 20;

/**
 * Collects a worker's events, for its log and for its supervisor: a message and a write for each
 * would cost more than the queue itself.
 */
export class EventBuffer {
  #events: WorkerEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly format: EventFormat,
    readonly log: (text: string) => void,
    readonly send: (text: string) => void,
  ) {}

  add(event: WorkerEvent): void {
    this.#events.push(event);
    this.#timer ??= setTimeout(() => this.flush(), TOGETHER_MS);
  }

  /** Hands on what there is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    const text = formatEvents(events, "text");
    this.send(this.format === "text" ? text : formatEvents(events, this.format));
    this.log(text);
  }
}
