/** A worker's thread, as its supervisor sees it. */
import type { Location } from "../model/location.ts";
import type { EventFormat } from "./events.ts";
import type { FromThread, ToThread } from "./messages.ts";

/** What a thread is made with. */
interface ThreadOptions {
  /** The worker's. */
  readonly id: string;
  readonly location: Location;
  /** How to tell what happens. */
  readonly format: EventFormat;
  /** The entry; `thread.ts` if absent. */
  readonly entry?: URL;
}

export class WorkerThread {
  readonly id: string;
  readonly #worker: Worker;
  #listener: ((message: FromThread) => void) | undefined;
  /** What was said before anybody listened. */
  readonly #early: FromThread[] = [];
  #startedAt = 0;
  ready = false;
  stopping = false;
  done = false;

  /** Makes the thread, which opens the queue and then waits for its start. */
  constructor({ id, location, format, entry = THREAD }: ThreadOptions) {
    this.id = id;
    this.#worker = new Worker(entry, { type: "module", name: id });
    this.#worker.onmessage = ({ data }: MessageEvent<FromThread>): void => this.#hear(data);
    this.#worker.onerror = (event): void => {
      event.preventDefault();
      this.#hear({ kind: "broken", code: "internal", error: event.message });
    };
    this.send({ kind: "open", location, worker: id, format });
  }

  #hear(message: FromThread): void {
    if (this.#listener) this.#listener(message);
    else this.#early.push(message);
  }

  /** Lets it join the queue. */
  start(listener: (message: FromThread) => void): void {
    this.#listener = listener;
    this.#startedAt = performance.now();
    for (const message of this.#early) listener(message);
    this.send({ kind: "start" });
  }

  /** Milliseconds since its start. */
  get age(): number {
    return performance.now() - this.#startedAt;
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /** Ends it at once. */
  terminate(): void {
    this.#worker.terminate();
  }
}

const THREAD = new URL("./thread.ts", import.meta.url);
