/** The one file that prints. Results go to stdout, everything else to stderr. */

const encoder = new TextEncoder();

/** The reader of a pipe has gone: there is nobody left to print for. */
export class ClosedPipe extends Error {}

/** Where text goes: a stream of the process, or what a test reads. */
export interface Sink {
  /**
   * @param text bytes go through as they are
   * @throws {ClosedPipe} if nobody reads any more
   */
  write(text: string | Uint8Array): void;
  readonly isTerminal: boolean;
  /** Characters in a line, on a terminal. */
  readonly columns: number;
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
    get isTerminal() {
      return stream.isTerminal();
    },
    get columns() {
      try {
        return Deno.consoleSize().columns;
      } catch {
        return 80;
      }
    },
  };
}

/** Writes all of it, also to a pipe that somebody has made non-blocking and that is full. */
function writeFully(stream: Stream, data: Uint8Array): void {
  for (let written = 0; written < data.length;) {
    try {
      written += stream.writeSync(data.subarray(written));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) throw new ClosedPipe();
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

export function printLine(sink: Sink, line: string): void {
  sink.write(`${line}\n`);
}

/** Ids of jobs, one a line: what scripts read. */
export function printIds(sink: Sink, jobs: readonly { readonly id: string }[]): void {
  for (const { id } of jobs) printLine(sink, id);
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
