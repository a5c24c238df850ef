/** The one file that prints. Results go to stdout, everything else to stderr. */

import { QueueError, reasonOf } from "../model/errors.ts";

const encoder = new TextEncoder();

/** How long to wait before more is written to a pipe that is full, in milliseconds. */
const FULL_MS = 1;

/** The reader of a pipe has gone: there is nobody left to print for. */
export class ClosedPipe extends Error {}

/** Where text goes: a stream of the process, or what a test reads. */
export interface Sink {
  /**
   * @param text bytes go through as they are
   * @throws {ClosedPipe} if nobody reads any more
   */
  write(text: string | Uint8Array): void;
  /** Writes it without holding up this program, however long that takes. */
  writeLater(text: string): Promise<void>;
  readonly isTerminal: boolean;
  /** Characters in a line, on a terminal. */
  readonly columns: number;
  /** Lines, on a terminal. */
  readonly rows: number;
}

/** The streams of a command and how to use them. */
export interface Output {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** True if colours are wanted on a terminal. */
  readonly colours: boolean;
}

type Stream = typeof Deno.stdout;

/** A stream of the process. */
export function streamSink(stream: Stream): Sink {
  return {
    write: (text) => writeFully(stream, typeof text === "string" ? encoder.encode(text) : text),
    writeLater: async (text) => {
      const data = encoder.encode(text);
      for (let written = 0; written < data.length;) {
        try {
          written += await stream.write(data.subarray(written));
        } catch (error) {
          if (!(error instanceof Deno.errors.WouldBlock)) throw error;
          await new Promise((resolve) => setTimeout(resolve, FULL_MS));
        }
      }
    },
    get isTerminal() {
      return stream.isTerminal();
    },
    get columns() {
      return consoleSize().columns;
    },
    get rows() {
      return consoleSize().rows;
    },
  };
}

function consoleSize(): { readonly columns: number; readonly rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** Writes all of it, also to a pipe that somebody has made non-blocking and that is full. */
function writeFully(stream: Stream, data: Uint8Array): void {
  for (let written = 0; written < data.length;) {
    try {
      written += stream.writeSync(data.subarray(written));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new ClosedPipe();
      if (!(error instanceof Deno.errors.WouldBlock)) throw cannotPrint(error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    }
  }
}

/** The command itself is done by then: whoever does it again would do it twice. */
function cannotPrint(error: unknown): QueueError {
  return new QueueError("internal", `what was done cannot be printed: ${reasonOf(error)}`);
}

export function printLine(sink: Sink, line: string): void {
  sink.write(`${line}\n`);
}

/** Ids of jobs, one a line: what scripts read. */
export function printIds(sink: Sink, jobs: readonly { readonly id: string }[]): void {
  sink.write(jobs.map(({ id }) => `${id}\n`).join(""));
}

/** One JSON document: on a terminal for people, in a pipe on one line. */
export function formatJson(sink: Sink, document: unknown): string {
  return `${JSON.stringify(document, null, sink.isTerminal ? 2 : undefined)}\n`;
}

export function printJson(sink: Sink, document: unknown): void {
  sink.write(formatJson(sink, document));
}

/**
 * Text from outside (commands, output, names) on one line of a table: control characters are
 * shown, not sent to the terminal.
 */
export function visible(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    const known: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };
    return known[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
