/** Printing logs in pieces: they may be larger than what one wants in memory. */
import type { Log } from "../model/queue.ts";
import type { Sink } from "./output.ts";

const PIECE = 64 * 1024;

/** How often a log is looked at while it is followed, in milliseconds. */
const LOOK_MS = 100;

/** Prints a log from an offset on, in pieces whose characters may go on in the next. */
class LogPrinter {
  readonly #decoder = new TextDecoder();

  constructor(readonly log: Log, readonly sink: Sink, public offset: number) {}

  /** Prints what there is by now. */
  async print(): Promise<void> {
    for (;;) {
      const piece = await this.log.read(this.offset, PIECE);
      if (piece.length === 0) return;
      this.offset += piece.length;
      this.sink.write(this.#decoder.decode(piece, { stream: true }));
    }
  }

  /** What is left of a character that never was finished. */
  end(): void {
    const rest = this.#decoder.decode();
    if (rest !== "") this.sink.write(rest);
  }
}

/** Prints a log from an offset to its end. */
export async function printLog(log: Log, offset: number, sink: Sink): Promise<void> {
  const printer = new LogPrinter(log, sink, offset);
  await printer.print();
  printer.end();
}

/**
 * Prints a log from an offset, and what is appended to it, until nobody writes it any more.
 *
 * @param isOver asked before each look
 */
export async function followLog(
  log: Log,
  offset: number,
  sink: Sink,
  isOver: () => Promise<boolean>,
): Promise<void> {
  const printer = new LogPrinter(log, sink, offset);
  for (;;) {
    const over = await isOver();
    await printer.print();
    if (over) return printer.end();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Where the last so many lines of a log begin; all of it if there is no number. */
export async function tailStart(log: Log, lines: number | undefined): Promise<number> {
  const size = await log.size() ?? 0;
  if (lines === undefined) return 0;
  if (lines === 0) return size;
  let left = lines;
  for (let end = size; end > 0; end -= PIECE) {
    const begin = Math.max(0, end - PIECE);
    const piece = await log.read(begin, end - begin);
    for (let i = piece.length - 1; i >= 0; i--) {
      const isLast = begin + i === size - 1;
      if (piece[i] === 10 && !isLast && --left <= 0) return begin + i + 1;
    }
  }
  return 0;
}
