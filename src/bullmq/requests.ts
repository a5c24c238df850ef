/**
 * What is asked of workers, wherever they are: it is noted on the server, under the worker's name,
 * and announced. The note is for who misses the announcement.
 */
import type { Watch } from "../model/queue.ts";
import type { WorkerRequest } from "../model/seat.ts";
import { readStop, type StopRequest, writeStop } from "../model/stop_request.ts";
import type { Engine } from "./engine.ts";
import type { Notes } from "./notes.ts";

const NOTES = "requests";

/** How often the notes are looked at whether or not anything was announced, in milliseconds. */
const LOOK_MS = 2_000;

function notesOf(engine: Engine): Notes {
  return engine.notes(NOTES);
}

async function ask(engine: Engine, name: string, text: string): Promise<void> {
  const notes = notesOf(engine);
  await notes.set(name, text);
  await notes.announce("asked");
}

/** Asks a worker to end a run, as its job was cancelled. */
export async function askToCancel(
  engine: Engine,
  { worker, run }: { readonly worker: string; readonly run: string },
): Promise<void> {
  await ask(engine, `cancel:${worker}:${run}`, run);
}

/** Asks a worker to stop. */
export async function askToStop(
  engine: Engine,
  worker: string,
  request: StopRequest,
): Promise<void> {
  await ask(engine, `stop:${worker}`, writeStop(request));
}

/** The workers that have been asked to stop and have not left. */
export async function stopping(engine: Engine): Promise<ReadonlySet<string>> {
  const names = Object.keys(await notesOf(engine).all());
  return new Set(names.flatMap((name) => name.startsWith("stop:") ? [name.slice(5)] : []));
}

/** Nothing is asked of a worker that has left. */
export async function forgetRequests(engine: Engine, worker: string): Promise<void> {
  const notes = notesOf(engine);
  const names = Object.keys(await notes.all());
  await notes.remove(
    names.filter((name) => name === `stop:${worker}` || name.startsWith(`cancel:${worker}:`)),
  );
}

/** What is asked of these workers. A request to cancel is taken away, a request to stop stays. */
export async function requests(
  engine: Engine,
  workers: readonly string[],
): Promise<readonly WorkerRequest[]> {
  const notes = notesOf(engine);
  const found: WorkerRequest[] = [];
  const taken: string[] = [];
  for (const [name, text] of Object.entries(await notes.all())) {
    const [kind, worker = "", run] = name.split(":");
    if (!workers.includes(worker)) continue;
    if (kind === "stop") found.push({ kind, worker, ...readStop(text) });
    if (kind !== "cancel" || run === undefined) continue;
    found.push({ kind, worker, run });
    taken.push(name);
  }
  // Together, and last: if that fails, all of them are still there at the next look.
  if (taken.length > 0) await notes.remove(taken);
  return found;
}

/** Calls back when something may be asked of a worker. */
export function watchRequests(engine: Engine, onChange: () => void): Watch {
  const events = engine.openEvents(NOTES);
  events.on("asked" as "drained", onChange);
  const timer = setInterval(onChange, LOOK_MS);
  return {
    close: () => {
      clearInterval(timer);
      engine.release(events);
      return Promise.resolve();
    },
  };
}
