/** The output of a run: how large it may get, and how it ended. */
import { shorten } from "../model/text.ts";

const TAIL_BYTES = 4096;
const LONGEST_LINE = 200;

/** The most that is kept of the end of an output that is cut, in bytes; of a low limit a quarter. */
const KEPT_END = 16 * 1024;

/**
 * Keeps a log at a limit of bytes, its first ones. The command appends by itself; what is over the limit
 * is cut off again and again while it runs. At the end the log says so, and gets the last of what was
 * cut off: there it stands why a command failed.
 */
export class LogLimit {
  #cut = false;
  /** The last of what was cut off so far. */
  #end = new Uint8Array();

  constructor(readonly path: string, readonly limit: number) {}

  /** Cuts the log back to the limit, if it is over. */
  hold(): void {
    try {
      if (Deno.statSync(this.path).size <= this.limit) return;
      using file = Deno.openSync(this.path, { read: true, write: true });
      this.#keepEnd(file);
      file.truncateSync(this.limit);
      this.#cut = true;
    } catch {
      // The log is not there yet, or was removed: then there is nothing to hold.
    }
  }

  #keepEnd(file: Deno.FsFile): void {
    const most = Math.min(KEPT_END, Math.floor(this.limit / 4));
    const { size } = file.statSync();
    const last = readEnd(file, Math.min(most, size - this.limit));
    this.#end = joined(this.#end, last).slice(-most);
  }

  /** The last cut, and a note if there ever was one, with the end of the output behind it. */
  finish(): void {
    this.hold();
    if (!this.#cut) return;
    const note = `\n[queuectl: the output was cut at ${this.limit} bytes; this is its end:]\n`;
    try {
      const data = joined(new TextEncoder().encode(note), this.#end);
      Deno.writeFileSync(this.path, data, { append: true });
    } catch {
      // A full disk, say: the run ended as it did all the same.
    }
  }
}

/** The last line of a log that is not blank, shortened; empty if there is none. */
export function lastLine(path: string): string {
  try {
    using file = Deno.openSync(path, { read: true });
    const end = readEnd(file, Math.min(file.statSync().size, TAIL_BYTES));
    const lines = new TextDecoder().decode(end).split("\n");
    const last = lines.findLast((line) => line.trim() !== "")?.trim() ?? "";
    const short = shorten(last, LONGEST_LINE);
    // Not every store can keep a NUL in a text, or half of a character.
    return short.replaceAll("\0", "\uFFFD").toWellFormed();
  } catch {
    return "";
  }
}

/** The last bytes of a file that has so many. */
function readEnd(file: Deno.FsFile, length: number): Uint8Array<ArrayBuffer> {
  file.seekSync(-length, Deno.SeekMode.End);
  const data = new Uint8Array(length);
  return data.subarray(0, file.readSync(data) ?? 0);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
