/** How far something long has got: a bar on a terminal, nothing in a pipe. */
import type { Sink } from "./output.ts";

/** What takes no longer than this shows no bar, and a bar is drawn again no sooner, in milliseconds. */
const PATIENCE_MS = 500;
const REDRAW_MS = 100;

const BAR_WIDTH = 30;
const CLEAR_LINE = "\r\x1b[K";

export class Progress {
  readonly #begun: number;
  readonly #isShown: boolean;
  #drawn = -Infinity;

  /** @param monotonic milliseconds that never jump */
  constructor(
    readonly sink: Sink,
    readonly what: string,
    readonly monotonic: () => number = () => performance.now(),
  ) {
    this.#begun = monotonic();
    this.#isShown = sink.isTerminal;
  }

  /** Says how much of all is done. */
  show(done: number, total: number): void {
    if (!this.#isShown) return;
    const now = this.monotonic();
    if (now - this.#begun < PATIENCE_MS || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const full = total === 0 ? BAR_WIDTH : Math.floor(BAR_WIDTH * done / total);
    const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
    this.sink.write(`${CLEAR_LINE}${this.what} ${bar} ${done}/${total}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#drawn > -Infinity) this.sink.write(CLEAR_LINE);
    this.#drawn = -Infinity;
  }
}
