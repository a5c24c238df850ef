/** Who works, on whatever machine: each worker notes on the server who it is, and again that it lives. */
import type { WorkerInfo } from "../model/queue.ts";
import { machinePathsOf } from "../machine/paths.ts";
import { here, isSamePlace } from "../machine/place.ts";
import { isAlive, type WorkerFile } from "../machine/worker_file.ts";
import type { Engine } from "./engine.ts";
import type { Notes } from "./notes.ts";
import { readPlace } from "./jobs.ts";
import { runOf } from "./record.ts";
import { askToStop, forgetRequests, stopping } from "./requests.ts";
import { askedWorkers } from "../rules/asked_workers.ts";

const NOTES = "workers";

/** What a worker says of itself. */
export interface Identity extends Omit<WorkerFile, "lock"> {
  /** Where on its machine it leaves what is its own. */
  readonly directory: string;
}

/** The same, and until when that may be believed. */
interface Noted extends Identity {
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A worker that was not heard of for longer since then is forgotten, in milliseconds. */
const FORGOTTEN_MS = 3_600_000;

/** How long a worker may be believed to live after it has said so, in milliseconds. */
const BELIEVED_MS = 15_000;

/** How often it says so. */
export const SAY_SO_MS = 5_000;

function notesOf(engine: Engine): Notes {
  return engine.notes(NOTES);
}

/** Notes that a worker lives. */
export async function noteWorker(engine: Engine, worker: Identity, now: number): Promise<void> {
  const noted: Noted = { ...worker, until: now + BELIEVED_MS };
  await notesOf(engine).set(worker.id, JSON.stringify(noted));
}

/** A worker has left, or is known to be dead. */
export async function forgetWorker(engine: Engine, id: string): Promise<void> {
  await notesOf(engine).remove([id]);
  await forgetRequests(engine, id);
}

/** Every worker that has not left, with what it runs. */
export async function workers(
  engine: Engine,
  now: number,
): Promise<readonly WorkerInfo[]> {
  const [noted, active, asked] = await Promise.all([
    known(engine, now),
    readPlace(engine, "active"),
    stopping(engine),
  ]);
  const runs = new Map(active.map(({ stored, job }) => [runOf(stored).worker, job]));
  return noted.map((worker) => ({
    id: worker.id,
    pid: worker.pid,
    host: worker.host,
    started_at: worker.started_at,
    alive: isBelieved(worker, now),
    stopping: asked.has(worker.id),
    job: runs.get(worker.id)?.id ?? null,
    job_started_at: runs.get(worker.id)?.started_at ?? null,
  }));
}

/** On its own machine a worker's lock tells at once. */
function isBelieved(worker: Noted, now: number): boolean {
  return isSamePlace(worker, here())
    ? isAlive(machinePathsOf(worker.directory), worker.id)
    : now < worker.until;
}

async function known(engine: Engine, now: number): Promise<readonly Noted[]> {
  const notes = notesOf(engine);
  const all = Object.entries(await notes.all())
    .filter(([id]) => id.startsWith("worker-"))
    .map(([, text]): Noted => JSON.parse(text));
  const forgotten = all.filter(({ until }) => until + FORGOTTEN_MS < now).map(({ id }) => id);
  await notes.remove(forgotten);
  for (const id of forgotten) await forgetRequests(engine, id);
  return all.filter(({ id }) => !forgotten.includes(id)).sort((a, b) => a.id < b.id ? -1 : 1);
}

/**
 * Asks these workers to stop, or all that live.
 *
 * @returns who was asked
 * @throws {QueueError} `not_found` if one of the ids is no live worker; then nobody is asked
 */
export async function stopWorkers(
  engine: Engine,
  ids: readonly string[] | undefined,
  force: boolean,
  now: number,
): Promise<readonly string[]> {
  const alive = (await known(engine, now)).filter((worker) => isBelieved(worker, now))
    .map(({ id }) => id);
  const asked = askedWorkers(ids, alive);
  for (const id of asked) await askToStop(engine, id, { force, all: ids === undefined });
  return asked;
}
