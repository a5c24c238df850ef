/**
 * The output of runs, kept where every machine can read it: in the log that BullMQ keeps with a job.
 *
 * A run writes into a file on its own machine, as everywhere. What has come is sent on from there, in
 * rows, while it runs and when it has ended. The rows of a job are bounded: the first go.
 */
import { logAt } from "../machine/log.ts";
import type { Log } from "../model/queue.ts";
import type { Engine, EngineQueue } from "./engine.ts";
import { engineId } from "./record.ts";

/** A piece of the output of a run. */
interface Row {
  readonly run: string;
  /** Where in the output it begins, in bytes. */
  readonly at: number;
  /** The bytes, in base 64: output need not be text. */
  readonly bytes: string;
}

/** So many bytes a row has at most. */
const ROW_BYTES = 32 * 1024;

/** So many rows a job keeps: about a megabyte, of all its runs together. */
const MOST_ROWS = 32;

/** How often new output is sent on while a run goes on, in milliseconds. */
const SEND_MS = 1_000;

/** The output of a run that goes on, on its way to the server. */
export class Sender {
  readonly #engine: Engine;
  readonly #id: string;
  readonly #run: string;
  readonly #file: Log;
  #sent = 0;
  #sending: Promise<void> = Promise.resolve();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(engine: Engine, id: string, run: string, path: string) {
    this.#engine = engine;
    this.#id = id;
    this.#run = run;
    this.#file = logAt(path);
    this.#timer = setInterval(() => this.#sendSoon(), SEND_MS);
  }

  /** Sends what has not been sent yet; to be called when the run has ended. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    await this.#send();
  }

  #sendSoon(): void {
    // What could not be sent is sent the next time.
    this.#sending = this.#sending.then(() => this.#send()).catch(() => {});
  }

  async #send(): Promise<void> {
    this.#sent = await sendLog(this.#engine.queue, this.#id, this.#run, this.#file, this.#sent);
  }
}

/**
 * Sends output from an offset on; of more than is kept only the end.
 *
 * @returns up to where it was sent
 */
export async function sendLog(
  queue: EngineQueue,
  id: string,
  run: string,
  log: Log,
  from: number,
): Promise<number> {
  const size = await log.size() ?? 0;
  let sent = Math.max(from, size - MOST_ROWS * ROW_BYTES);
  while (sent < size) {
    const bytes = await log.read(sent, ROW_BYTES);
    if (bytes.length === 0) break;
    const row: Row = { run, at: sent, bytes: bytes.toBase64() };
    await queue.addJobLog(engineId(id), JSON.stringify(row), MOST_ROWS);
    sent += bytes.length;
  }
  return sent;
}

/** For so long what was read of a log is taken for all of it, in milliseconds. */
const FRESH_MS = 250;

/** The output of a run, as far as it was sent. */
export function logOf(engine: Engine, queue: EngineQueue, id: string, run: string): Log {
  let looked = -Infinity;
  let output: Uint8Array<ArrayBuffer> | undefined;
  const read = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    if (performance.now() - looked < FRESH_MS) return output;
    const { logs } = await engine.ask(() => queue.getJobLogs(engineId(id), 0, -1, true));
    output = join(logs.map((text): Row => JSON.parse(text)).filter((row) => row.run === run));
    looked = performance.now();
    return output;
  };
  return {
    size: async () => (await read())?.length,
    read: async (offset, length) =>
      (await read())?.slice(offset, offset + length) ?? new Uint8Array(),
  };
}

/** The rows in one piece, where the beginning is gone with a note that says so. */
function join(rows: readonly Row[]): Uint8Array<ArrayBuffer> | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const note = first.at === 0
    ? ""
    : `[queuectl: the first ${first.at} bytes are not kept in this store]\n`;
  const pieces = [
    new TextEncoder().encode(note),
    ...rows.map((row) => Uint8Array.fromBase64(row.bytes)),
  ];
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
