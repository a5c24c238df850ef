/** Printing logs in pieces: they may be larger than what one wants in memory. */
import type { Log } from "../model/log.ts";
import type { Sink } from "./output.ts";

const PIECE = 64 * 1024;

/** How often a log is looked at while it is followed, in milliseconds. */
const LOOK_MS = 100;

const NEWLINE = 10;

/** Where logs are printed. On a terminal nothing is glued to one that ends in the midst of a line. */
export class LogSink {
  #isMidLine = false;

  constructor(readonly sink: Sink) {}

  write(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.#isMidLine = bytes.at(-1) !== NEWLINE;
  }

  /** Something else is printed now, or nothing more. */
  endLine(): void {
    if (this.#isMidLine && this.sink.isTerminal) this.sink.write("\n");
    this.#isMidLine = false;
  }
}

/**
 * Prints a log from an offset to its end, as the bytes that were printed.
 *
 * @param end print nothing from there on
 * @returns where it ended
 */
export async function printLog(
  log: Log,
  begin: number,
  sink: LogSink,
  end = Infinity,
): Promise<number> {
  let offset = begin;
  for (;;) {
    const piece = await log.read(offset, Math.max(0, Math.min(PIECE, end - offset)));
    if (piece.length === 0) return offset;
    offset += piece.length;
    sink.write(piece);
  }
}

/**
 * Prints a log from an offset, and what is appended to it, until nobody writes it any more.
 *
 * @param limit what goes on beyond this size is cut off while the run goes on, and noted at its end
 * @param isOver asked before each look
 */
export async function followLog(
  log: Log,
  begin: number,
  sink: LogSink,
  limit: number,
  isOver: () => Promise<boolean>,
): Promise<void> {
  let offset = begin;
  for (;;) {
    const over = await isOver();
    if (over) log.refresh?.();
    offset = await printLog(log, offset, sink, over ? Infinity : limit);
    if (over) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Where the last `lines` of a log begin; all of it if there is no number. */
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
      if (piece[i] === NEWLINE && !isLast && --left <= 0) return begin + i + 1;
    }
  }
  return 0;
}
