/**
 * Server-sent events: the state of the queue, and a log as it grows.
 *
 * Each stream writes only when its reader has taken what was written before, and always what is
 * newest then: a slow reader costs nothing, and one that has vanished is let go.
 */
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { Log } from "../model/log.ts";
import type { Queue } from "../model/queue.ts";
import { isNotFound, messageOf, QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { Live } from "./live.ts";

/** The most streams that are open at a time. */
export const MOST_STREAMS = 64;

/** A log is sent in pieces of this size, in bytes; who follows a long one gets only the end of what there is. */
const PIECE = 64 * 1024;
const FOLLOWED_TAIL = 128 * 1024;

export function notRunYet(id: string): QueueError {
  return new QueueError("not_found", `job '${id}' has not run yet`, "it has a log once it has");
}

/** A log as it is now, sent no faster than it is read. */
export async function wholeOf(log: Log): Promise<ReadableStream<Uint8Array>> {
  const size = await log.size() ?? 0;
  let offset = 0;
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const piece = await log.read(offset, Math.min(PIECE, size - offset));
      offset += piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      if (piece.length === 0 || offset >= size) controller.close();
    },
  });
}

/** All streams are woken together: what one of them has asked so shortly before is news for the others, in milliseconds. */
const NEWS_MS = 200;

export class Streams {
  readonly #queue: Queue;
  readonly #live: Live;
  #news: { readonly asked: number; readonly data: Promise<string> } | undefined;
  #open = 0;
  #closed = false;

  constructor(queue: Queue, live: Live) {
    this.#queue = queue;
    this.#live = live;
  }

  /** Every stream ends at its next look. */
  close(): void {
    this.#closed = true;
    this.#live.close();
  }

  /** The state of the queue, whenever it has changed. */
  status(context: Context): Response {
    return this.#stream(context, async (stream) => {
      let sent = "";
      let changed = true;
      while (this.#goesOn(stream)) {
        const data = await this.#latest();
        if (data !== sent) await stream.writeSSE({ event: "status", data });
        else await stream.writeSSE({ event: changed ? "changed" : "tick", data: "" });
        sent = data;
        changed = await this.#live.next();
      }
    });
  }

  /** The output of a run, as it comes, until the run has ended. */
  async log(context: Context, id: string, run: string | undefined): Promise<Response> {
    const found = await this.#queue.findLog(id, { run });
    if (!found) throw notRunYet(id);
    return this.#stream(context, async (stream) => {
      const { log } = found;
      const decoder = new TextDecoder();
      const { log_limit_bytes: limit } = (await this.#queue.config()).complete;
      let offset = Math.max(0, Math.min(await log.size() ?? 0, limit) - FOLLOWED_TAIL);
      if (offset > 0) await stream.writeSSE({ event: "skipped", data: String(offset) });
      while (this.#goesOn(stream)) {
        const [job] = await this.#queue.get([id]).catch(noneIfGone);
        const isOver = job?.run !== found.run;
        // What goes on beyond the limit is cut off while the run goes on, and noted at its end.
        if (isOver) log.refresh?.();
        const end = isOver ? Infinity : limit;
        offset = await send(stream, log, decoder, offset, end);
        if (isOver) {
          await stream.writeSSE({ event: "end", data: "" });
          return;
        }
        await this.#live.next();
      }
    });
  }

  /** The state of the queue, in JSON, asked for once for all streams. */
  #latest(): Promise<string> {
    const now = performance.now();
    if (!this.#news || now - this.#news.asked > NEWS_MS) {
      const { name } = this.#queue;
      const data = this.#queue.status()
        .then((status) => JSON.stringify({ data_dir: name, ...status }));
      this.#news = { asked: now, data };
    }
    return this.#news.data;
  }

  #goesOn(stream: SSEStreamingApi): boolean {
    return !this.#closed && !stream.aborted && !stream.closed;
  }

  #stream(context: Context, work: (stream: SSEStreamingApi) => Promise<void>): Response {
    if (this.#open >= MOST_STREAMS) {
      throw new QueueError("busy", `${MOST_STREAMS} streams are open already`, "close some pages");
    }
    // The answer to HEAD has no body, and so nobody who would ever end it.
    if (context.req.method === "HEAD") return context.body(null);
    this.#open++;
    return streamSSE(context, async (stream) => {
      try {
        await work(stream);
      } catch (error) {
        // The page asks again, and is told what is wrong by the answer.
        await stream.writeSSE({ event: "failed", data: JSON.stringify(messageOf(error)) });
      } finally {
        this.#open--;
      }
    });
  }
}

/** Sends what a log has from an offset on, up to an end; returns where that was. */
async function send(
  stream: SSEStreamingApi,
  log: Log,
  decoder: TextDecoder,
  from: number,
  end: number,
): Promise<number> {
  let offset = from;
  for (;;) {
    const piece = await log.read(offset, Math.max(0, Math.min(PIECE, end - offset)));
    if (piece.length === 0 || stream.aborted) return offset;
    offset += piece.length;
    const data = JSON.stringify(decoder.decode(piece, { stream: true }));
    await stream.writeSSE({ event: "text", data });
  }
}

/** A job that is gone has no run any more; what else goes wrong is no sign of that. */
function noneIfGone(error: unknown): readonly Job[] {
  if (isNotFound(error)) return [];
  throw error;
}
