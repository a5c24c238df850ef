/** Reading logs in pieces: they may be larger than what one wants in memory. */
import type { Sink } from "./output.ts";

const PIECE = 64 * 1024;

/**
 * Prints a file from an offset to its end.
 *
 * @returns where it ended; undefined if there is no such file
 */
export function copyFrom(path: string, offset: number, sink: Sink): number | undefined {
  const file = open(path);
  if (!file) return undefined;
  try {
    const decoder = new TextDecoder();
    const piece = new Uint8Array(PIECE);
    let position = file.seekSync(offset, Deno.SeekMode.Start);
    for (let count = file.readSync(piece); count !== null; count = file.readSync(piece)) {
      sink.write(decoder.decode(piece.subarray(0, count), { stream: true }));
      position += count;
    }
    return position;
  } finally {
    file.close();
  }
}

/** How often a log is looked at while it is followed, in milliseconds. */
const LOOK_MS = 100;

/**
 * Prints a file from an offset, and what is appended to it, until nobody writes it any more.
 *
 * @param isOver asked before each look
 */
export async function followFile(
  path: string,
  start: number,
  sink: Sink,
  isOver: () => Promise<boolean>,
): Promise<void> {
  let offset = start;
  for (;;) {
    const over = await isOver();
    offset = copyFrom(path, offset, sink) ?? offset;
    if (over) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Where the last so many lines of a file begin. */
export function tailStart(path: string, lines: number): number {
  const file = open(path);
  if (!file) return 0;
  try {
    const size = file.statSync().size;
    if (lines === 0) return size;
    let left = lines;
    for (let end = size; end > 0; end -= PIECE) {
      const begin = Math.max(0, end - PIECE);
      const piece = new Uint8Array(end - begin);
      file.seekSync(begin, Deno.SeekMode.Start);
      file.readSync(piece);
      for (let i = piece.length - 1; i >= 0; i--) {
        const isLast = begin + i === size - 1;
        if (piece[i] === 10 && !isLast && --left <= 0) return begin + i + 1;
      }
    }
    return 0;
  } finally {
    file.close();
  }
}

function open(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
