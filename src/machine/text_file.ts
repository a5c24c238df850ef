/** Text from files, whole or a line at a time. What is no UTF-8 is told, never replaced. */
import { corrupt, QueueError } from "../model/errors.ts";
import { fileError, ifThere, readRange } from "./io.ts";

const END_OF_LINE = 10;

/**
 * The whole of an open file as text.
 *
 * @throws {QueueError} as {@link readTextIfThere}
 */
export function readText(file: Deno.FsFile, path: string): string {
  return decode(readRange(file, 0, file.statSync().size), path);
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array, path: string): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    const line = lineNotUtf8(bytes);
    if (line !== undefined) throw corrupt(path, line, NOT_UTF8);
    // The longest text that there can be has 512 MiB.
    throw new QueueError("internal", `${path} is too large to be read whole`);
  }
}

/** What is wrong with bytes that are no text. */
export const NOT_UTF8 = "this is no UTF-8";

/** The first line, counted from 1, whose bytes are no text; undefined if all are. */
export function lineNotUtf8(bytes: Uint8Array): number | undefined {
  for (let begin = 0, line = 1; begin < bytes.length; line++) {
    const next = bytes.indexOf(END_OF_LINE, begin);
    const end = next < 0 ? bytes.length : next;
    try {
      strictDecoder.decode(bytes.subarray(begin, end));
    } catch {
      return line;
    }
    begin = end + 1;
  }
  return undefined;
}

/** How much of a file is read at a time, in bytes. */
const PIECE = 256 * 1024;

/** An open file, a piece at a time. */
export function* readPieces(file: Deno.FsFile): Generator<Uint8Array<ArrayBuffer>> {
  for (let offset = 0;;) {
    const piece = readRange(file, offset, PIECE);
    if (piece.length === 0) return;
    yield piece;
    offset += piece.length;
  }
}

/**
 * The lines of an open file, without their ends.
 *
 * @throws {TypeError} where it is no UTF-8
 */
export function* readLines(file: Deno.FsFile): Generator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for (const piece of readPieces(file)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

/**
 * The text of a file, without the mark of bytes that some editors begin with; undefined if there is none.
 *
 * @throws {QueueError} `corrupt` if it is no UTF-8, `internal` if it cannot be read
 */
export function readTextIfThere(path: string): string | undefined {
  const bytes = readBytesIfThere(path);
  return bytes && decode(bytes, path);
}

/** The bytes of a file; undefined if there is none. */
export function readBytesIfThere(path: string): Uint8Array | undefined {
  try {
    return ifThere(() => Deno.readFileSync(path));
  } catch (error) {
    throw fileError(error, `cannot read ${path}`);
  }
}
