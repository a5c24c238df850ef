/**
 * The output of runs, kept where every machine can read it: in the log that BullMQ keeps with a job.
 *
 * A run writes into a file on its own machine, as everywhere. What has come is sent on from there, in
 * rows, while it runs and when it has ended: of each run the first and the last MiB.
 */
import { logAt } from "../machine/log.ts";
import type { Log } from "../model/log.ts";
import { type Engine, type EngineQueue, isRefusal } from "./engine.ts";
import { engineId } from "./record.ts";

/** A piece of the output of a run. */
interface Row {
  readonly run: string;
  /** Where in the output it begins, in bytes. */
  readonly at: number;
  /** The bytes, in base 64: output need not be text. */
  readonly bytes: string;
}

/** The most bytes in a row. */
const ROW_BYTES = 32 * 1024;

/** How many bytes of a run's output are sent while it goes on, and again when it has ended. */
const MOST_BYTES = 1024 * 1024;

/** How many rows a job keeps, of all its runs together; then the first go. */
const MOST_ROWS = 1_024;

/** How often new output is sent on, in milliseconds: the longer a run goes on, the less often. */
const SEND_MS = 1_000;
const LONGEST_SEND_MS = 10_000;
const LESS_OFTEN = 1.1;

/** The output of a run that goes on, on its way to the server. */
export class Sender {
  readonly #engine: Engine;
  readonly #id: string;
  readonly #run: string;
  readonly #file: Log;
  #sent = 0;
  #sending: Promise<void> = Promise.resolve();
  #pause = SEND_MS;
  #timer: ReturnType<typeof setTimeout>;

  constructor(engine: Engine, id: string, run: string, path: string) {
    this.#engine = engine;
    this.#id = id;
    this.#run = run;
    this.#file = logAt(path);
    this.#timer = setTimeout(() => this.#sendSoon(), this.#pause);
  }

  /** Sends what has not been sent yet; to be called when the run has ended. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    clearTimeout(this.#timer);
    const size = await this.#file.size() ?? 0;
    try {
      await this.#send(this.#sent, Math.min(size, MOST_BYTES));
      await this.#send(Math.max(this.#sent, size - MOST_BYTES), size);
    } catch (error) {
      // The job itself is gone: whoever records its end is told so.
      if (!isRefusal(error)) throw error;
    }
  }

  #sendSoon(): void {
    // What could not be sent is sent the next time.
    this.#sending = this.#sendNew().catch(() => {}).then(() => {
      this.#pause = Math.min(this.#pause * LESS_OFTEN, LONGEST_SEND_MS);
      this.#timer = setTimeout(() => this.#sendSoon(), this.#pause);
    });
  }

  async #sendNew(): Promise<void> {
    await this.#send(this.#sent, Math.min(await this.#file.size() ?? 0, MOST_BYTES));
  }

  async #send(from: number, to: number): Promise<void> {
    const { queue } = this.#engine;
    for (let at = from; at < to; at = this.#sent) {
      this.#sent = await sendRow(queue, this.#id, this.#run, this.#file, at);
      if (this.#sent === at) return;
    }
  }
}

/**
 * Sends a piece of output.
 *
 * @returns where it ends
 */
async function sendRow(
  queue: EngineQueue,
  id: string,
  run: string,
  log: Log,
  at: number,
): Promise<number> {
  const bytes = await log.read(at, ROW_BYTES);
  if (bytes.length === 0) return at;
  const row: Row = { run, at, bytes: bytes.toBase64() };
  await queue.addJobLog(engineId(id), JSON.stringify(row), MOST_ROWS);
  return at + bytes.length;
}

/** Sends the output of a run that has ended elsewhere: as much as of any other, but nothing twice. */
export async function sendLog(
  queue: EngineQueue,
  id: string,
  run: string,
  log: Log,
): Promise<void> {
  const size = await log.size() ?? 0;
  const last = (await rowsOf(queue, id, run)).at(-1);
  let at = last ? endOf(last) : 0;
  while (at < size) {
    if (at >= MOST_BYTES) at = Math.max(at, size - MOST_BYTES);
    const end = await sendRow(queue, id, run, log, at);
    if (end === at) return;
    at = end;
  }
}

/** What was sent of a run's output. */
async function rowsOf(queue: EngineQueue, id: string, run: string): Promise<readonly Row[]> {
  const { logs } = await queue.getJobLogs(engineId(id), 0, -1, true);
  return logs.map((text): Row => JSON.parse(text)).filter((row) => row.run === run);
}

/** Where in the output a piece ends, in bytes. */
function endOf({ at, bytes }: Row): number {
  return at + Uint8Array.fromBase64(bytes).length;
}

/** How long what was read of a log is taken for all of it, in milliseconds. */
const FRESH_MS = 250;

/** The output of a run, as far as it was sent. */
export function logOf(engine: Engine, queue: EngineQueue, id: string, run: string): Log {
  let looked = -Infinity;
  let output: Uint8Array<ArrayBuffer> | undefined;
  const read = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    if (performance.now() - looked < FRESH_MS) return output;
    output = join(await engine.ask(() => rowsOf(queue, id, run)));
    looked = performance.now();
    return output;
  };
  return {
    refresh: () => looked = -Infinity,
    size: async () => (await read())?.length,
    read: async (offset, length) =>
      (await read())?.slice(offset, offset + length) ?? new Uint8Array(),
  };
}

/**
 * The rows in one piece; where something is left out between them, with a note that says so. One that was
 * sent again, as its answer was lost, counts once.
 */
function join(rows: readonly Row[]): Uint8Array<ArrayBuffer> | undefined {
  if (rows.length === 0) return undefined;
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  let end = 0;
  for (const { at, bytes } of rows) {
    if (at > end) {
      pieces.push(encoder.encode(`[queuectl: ${at - end} bytes are not kept in this store]\n`));
    }
    const piece = Uint8Array.fromBase64(bytes).subarray(Math.max(0, end - at));
    pieces.push(piece);
    end = Math.max(end, at) + piece.length;
  }
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
