import type { Sink } from "./output.ts";

/** How much is kept for a reader that does not take it, in characters. */
const MOST_WAITING = 1024 * 1024;

/** How long an end in a hurry waits for a reader, in milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * Prints for a reader who may stop reading, as behind a pager or a terminal that is held: what tells
 * goes on all the same. What there is no more room for is dropped, and said to be.
 */
export class Teller {
  readonly #sink: Sink;
  readonly #describeDropped: (lines: number) => string;
  #waiting = "";
  #dropped = 0;
  #writing: Promise<void> | undefined;

  /** @param describeDropped what to print in the place of that many lines */
  constructor(sink: Sink, describeDropped: (lines: number) => string) {
    this.#sink = sink;
    this.#describeDropped = describeDropped;
  }

  /** Prints these lines as soon as they can be. */
  tell(text: string): void {
    if (text === "") return;
    if (this.#waiting.length > MOST_WAITING) this.#dropped += text.split("\n").length - 1;
    else this.#waiting += text;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting !== "") {
        const text = this.#waiting;
        this.#waiting = "";
        await this.#sink.writeLater(text);
        if (this.#dropped === 0) continue;
        this.#waiting += this.#describeDropped(this.#dropped);
        this.#dropped = 0;
      }
    } catch {
      // A closed pipe or a full disk: there is nobody to tell.
      this.#waiting = "";
    }
    this.#writing = undefined;
  }

  /** Returns when everything has been printed; in a hurry, also when nobody seems to read. */
  async finish(isHurried: boolean): Promise<void> {
    if (!isHurried) return await this.#writing;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE_MS));
    await Promise.race([this.#writing, patience]);
    clearTimeout(timer);
  }
}
