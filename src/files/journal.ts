/**
 * The journal: the transactions since the last checkpoint, one line each, behind a header.
 *
 * Promises:
 * 2. One transaction is one line: all of it happened or none. A write that fails is cut back to
 *    where it began; an unfinished or torn last line is a write that never happened.
 * 3. A line holds results, so replaying it on a newer snapshot changes nothing.
 * 6. A bad line with a good one behind it stops everything with `corrupt`.
 */
import { corrupt } from "../model/errors.ts";
import { fileError, ifThere, readRange, writeAll } from "../machine/io.ts";
import { decode, decodeHeader, encode, type Header, type Line } from "./journal_line.ts";
import type { QueueEvent } from "../rules/records.ts";
import { salvageLines } from "./salvage.ts";

const END_OF_LINE = 10;
const encoder = new TextEncoder();
/** What is no UTF-8 becomes another character, and a line with it is seen by its checksum. */
const decoder = new TextDecoder();

/** What stands behind the last good line: nothing, a line without its end, or a torn write. */
export type Tail = "none" | "unfinished" | "torn";

export class Journal {
  /** Where the next line begins, in bytes; everything before has been read. */
  offset: number;
  /** The sequence number of the next event. */
  next: number;
  /** The checksum that the next line's continues. */
  chain: string;
  readonly #identity: Pick<Deno.FileInfo, "dev" | "ino">;
  /** Lines read, with the header. */
  #lines = 1;

  private constructor(
    readonly path: string,
    readonly file: Deno.FsFile,
    readonly header: Header,
    /** Where the first line behind the header begins. */
    readonly begin: number,
  ) {
    this.#identity = file.statSync();
    this.offset = begin;
    this.next = header.base;
    this.chain = header.chain;
  }

  /**
   * Opens a journal and reads its header.
   *
   * @throws {Deno.errors.NotFound} if there is none
   * @throws {QueueError} `corrupt` if its first line is no header
   */
  static open(path: string): Journal {
    const file = openForAppending(path);
    try {
      const first = firstLine(file);
      const header = first && decodeHeader(first.text);
      if (!header) throw corrupt(path, 1, "this is no header of a journal");
      return new Journal(path, file, header, first.end);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * The file's length in bytes, and whether another journal has taken its name or the name is gone.
   * While this one is open its inode is not used again, so another inode is another file.
   */
  look(): { readonly size: number; readonly replaced: boolean } {
    const named = ifThere(() => Deno.statSync(this.path));
    if (named && named.ino === this.#identity.ino && named.dev === this.#identity.dev) {
      return { size: named.size, replaced: false };
    }
    return { size: this.#size, replaced: true };
  }

  get #size(): number {
    return this.file.statSync().size;
  }

  /** Bytes that have not been read. */
  get unread(): number {
    return this.#size - this.offset;
  }

  /**
   * Reads on from the last whole line, to `end` or to the end of the file.
   *
   * @param apply called for each line, in order
   * @throws {QueueError} `corrupt` if a bad line has a good one behind it
   */
  readOn(apply: (line: Line) => void, end = this.#size): Tail {
    if (end <= this.offset) return "none";
    const length = end - this.offset;
    const data = readRange(this.file, this.offset, length, scratchFor(length));
    let begin = 0;
    for (const { text, stop } of linesIn(data)) {
      const line = decode(text, this.chain);
      if (line?.n !== this.next) {
        if (hasGoodLine(data.subarray(begin), this.chain)) {
          throw corrupt(this.path, this.#lines + 1, "the line is damaged");
        }
        return "torn";
      }
      apply(line);
      this.#advance(line, line.check, stop - begin);
      begin = stop;
    }
    return begin < data.length ? "unfinished" : "none";
  }

  #advance(line: Line, check: string, bytes: number): void {
    this.offset += bytes;
    this.next = line.n + line.events.length;
    this.chain = check;
    this.#lines++;
  }

  /**
   * Appends a transaction. Only under the queue's lock, with everything read.
   *
   * @param at ISO 8601 in UTC
   * @throws {QueueError} if the disk does not take all of it; then the file is as it was
   */
  append(events: readonly QueueEvent[], at: string): void {
    const line: Line = { n: this.next, at, events };
    const { text, check } = encode(line, this.chain);
    const data = encoder.encode(text);
    try {
      writeAll(this.file, data);
    } catch (error) {
      try {
        this.cut();
      } catch {
        // A journal that may not be written may not be cut either: why it failed is what matters.
      }
      throw fileError(error, `cannot write ${this.path}`);
    }
    this.#advance(line, check, data.length);
  }

  /** Removes what stands behind the last good line. Only under the queue's lock. */
  cut(): void {
    this.file.truncateSync(this.offset);
  }

  /** What stands behind the last good line. */
  tailBytes(): Uint8Array {
    return readRange(this.file, this.offset, this.unread);
  }

  /** The lines from an offset to the last good one, as they stand in the file. */
  bytesFrom(offset: number): Uint8Array {
    return readRange(this.file, offset, this.offset - offset);
  }

  close(): void {
    this.file.close();
  }
}

/** Opened for reading alone where writing is not allowed, so that people can look. */
function openForAppending(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, append: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    return Deno.openSync(path, { read: true });
  }
}

/** What is read of a line or two goes through here: memory of its own would cost more than the reading. */
const scratch = new Uint8Array(16 * 1024);

function scratchFor(length: number): Uint8Array<ArrayBuffer> {
  return length <= scratch.length ? scratch.subarray(0, length) : new Uint8Array(length);
}

/** Where to look for the end of a header first, in bytes; one with many schedules is longer. */
const HEADER_PIECE = 8 * 1024;

function firstLine(file: Deno.FsFile): { text: string; end: number } | undefined {
  const { size } = file.statSync();
  for (let length = HEADER_PIECE;; length *= 8) {
    const data = readRange(file, 0, Math.min(size, length));
    const stop = data.indexOf(END_OF_LINE);
    if (stop < 0 && length < size) continue;
    return stop < 0 ? undefined : { text: decoder.decode(data.subarray(0, stop)), end: stop + 1 };
  }
}

/** A line without its end, and where the next one begins, in bytes. */
interface LineIn {
  readonly text: string;
  readonly stop: number;
}

function linesIn(data: Uint8Array): readonly LineIn[] {
  const lines: LineIn[] = [];
  const whole = data.lastIndexOf(END_OF_LINE) + 1;
  const text = decoder.decode(data.subarray(0, whole));
  // Where each byte is a character, as it is as a rule, many lines are decoded at once.
  const isPlain = text.length === whole;
  for (let begin = 0; begin < whole;) {
    const end = data.indexOf(END_OF_LINE, begin);
    const line = isPlain ? text.slice(begin, end) : decoder.decode(data.subarray(begin, end));
    lines.push({ text: line, stop: end + 1 });
    begin = end + 1;
  }
  return lines;
}

/** True if any line behind a bad first line can still be trusted. */
function hasGoodLine(data: Uint8Array, chain: string): boolean {
  let found = false;
  salvageLines(data, chain, () => found = true);
  return found;
}
