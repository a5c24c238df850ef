/** The output of a run: how large it may get, and how it ended. */
import { shorten } from "../model/text.ts";

const TAIL_BYTES = 4096;
const LONGEST_LINE = 200;

/**
 * Keeps a log at a limit of bytes, its first ones. The command appends by itself; what is over the limit
 * is cut off again and again while it runs, and at the end the log says so.
 */
export class LogLimit {
  #cut = false;

  constructor(readonly path: string, readonly limit: number) {}

  /** Cuts the log back to the limit, if it is over. */
  hold(): void {
    try {
      if (Deno.statSync(this.path).size <= this.limit) return;
      Deno.truncateSync(this.path, this.limit);
      this.#cut = true;
    } catch {
      // The log is not there yet, or was removed: then there is nothing to hold.
    }
  }

  /** The last cut, and a note if there ever was one. */
  finish(): void {
    this.hold();
    if (!this.#cut) return;
    const note = `\n[queuectl: the output was cut at ${this.limit} bytes]\n`;
    try {
      Deno.writeTextFileSync(this.path, note, { append: true });
    } catch {
      // A full disk, say: the run ended as it did all the same.
    }
  }
}

/** The last line of a log that is not blank, shortened; empty if there is none. */
export function lastLine(path: string): string {
  try {
    using file = Deno.openSync(path, { read: true });
    const size = file.statSync().size;
    file.seekSync(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
    const data = new Uint8Array(Math.min(size, TAIL_BYTES));
    const count = file.readSync(data) ?? 0;
    const lines = new TextDecoder().decode(data.subarray(0, count)).split("\n");
    const last = lines.findLast((line) => line.trim() !== "")?.trim() ?? "";
    const short = shorten(last, LONGEST_LINE);
    // Not every store can keep a NUL in a text, or half of a character.
    return short.replaceAll("\0", "\uFFFD").toWellFormed();
  } catch {
    return "";
  }
}
