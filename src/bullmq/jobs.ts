/** Finding jobs, in the queue of BullMQ and on the shelves beside it. */
import { isJobId, type Job } from "../model/job.ts";
import { Records } from "../rules/records.ts";
import { dependentsOf } from "./dependents.ts";
import { type Engine, type EngineQueue, type Shelf, SHELVES } from "./engine.ts";
import { engineId, type EngineState, ownId, recordOf, type StoredJob } from "./record.ts";

/** A job, and where it is. */
export interface Found {
  readonly job: Job;
  readonly stored: StoredJob;
  readonly place: EngineState | Shelf;
  readonly shelved: boolean;
}

/** Jobs by their ids, as the rules see them, and as the engine has them. */
export interface LoadedJobs {
  readonly records: Records;
  readonly found: ReadonlyMap<string, Found>;
}

/** What the engine calls the places of a job. */
const ENGINE_NAMES = {
  waiting: ["prioritized", "wait"],
  delayed: ["delayed"],
  active: ["active"],
  completed: ["completed"],
  failed: ["failed"],
} as const;

export const PLACES = Object.keys(ENGINE_NAMES) as readonly EngineState[];
export const UNFINISHED: readonly EngineState[] = ["waiting", "delayed", "active"];
export const ENDED: readonly EngineState[] = ["completed", "failed"];

/** How many jobs are read at a time. */
const BATCH = 1_000;

/** How many jobs are at a place. */
export async function countAt({ queue }: Engine, places: readonly EngineState[]): Promise<number> {
  const counts = await queue.getJobCounts(...places.flatMap((place) => ENGINE_NAMES[place]));
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** How many jobs are on a shelf. */
export async function countOn(engine: Engine, shelf: Shelf): Promise<number> {
  const counts = await engine.shelves.get(shelf)!.getJobCounts("wait", "prioritized");
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/**
 * The jobs at a place.
 *
 * @param limit the most jobs, the first in the engine's order
 */
export async function readPlace(
  engine: Engine,
  place: EngineState,
  limit = Infinity,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const each of readEach(engine, place, limit)) found.push(each);
  return found;
}

/** The same, some at a time. */
export async function* readEach(
  engine: Engine,
  place: EngineState,
  limit = Infinity,
): AsyncGenerator<Found> {
  let count = 0;
  for (const name of ENGINE_NAMES[place]) {
    for await (const stored of read(engine.queue, name, limit - count)) {
      count++;
      yield { job: recordOf(stored, place), stored, place, shelved: false };
    }
  }
}

/** The jobs on a shelf. */
export async function readShelf(engine: Engine, shelf: Shelf): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const stored of read(engine.shelves.get(shelf)!, "prioritized", Infinity)) {
    found.push({ job: stored.data.record, stored, place: shelf, shelved: true });
  }
  return found;
}

async function* read(
  queue: EngineQueue,
  name: "wait" | "prioritized" | "delayed" | "active" | "completed" | "failed",
  limit: number,
): AsyncGenerator<StoredJob> {
  for (let start = 0; start < limit; start += BATCH) {
    const end = Math.min(start + BATCH, limit) - 1;
    const jobs = await queue.getJobs([name], start, end, true);
    // A job may be gone between its name being read and its data.
    for (const job of jobs) if (job) yield job as StoredJob;
    if (jobs.length < end - start + 1) return;
  }
}

/** The job with exactly this id. */
export async function findJob(engine: Engine, id: string): Promise<Found | undefined> {
  if (!isJobId(id)) return undefined;
  const stored = await engine.queue.getJob(engineId(id)) as StoredJob | undefined;
  if (stored) {
    const place = placeOf(await stored.getState());
    if (place) return { job: recordOf(stored, place), stored, place, shelved: false };
  }
  for (const shelf of SHELVES) {
    const shelved = await engine.shelves.get(shelf)!.getJob(engineId(id)) as StoredJob | undefined;
    if (shelved) {
      return { job: shelved.data.record, stored: shelved, place: shelf, shelved: true };
    }
  }
  return undefined;
}

/** How many jobs whose ids begin as a word says are looked for: enough to say that they are several. */
const MOST_MEANT = 4;

/** More ids than this are not looked for one by one. */
const FEW_IDS = 20;

/** The jobs with exactly these ids, as far as they are there. */
export async function findAll(
  engine: Engine,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Found>> {
  const distinct = [...new Set(ids)];
  const there = distinct.length > FEW_IDS ? new Set(await allIds(engine)) : undefined;
  const found = new Map<string, Found>();
  for (const id of there ? distinct.filter((each) => there.has(each)) : distinct) {
    const job = await findJob(engine, id);
    if (job) found.set(id, job);
  }
  return found;
}

/** The queue of BullMQ that a job stands in: the one that is worked on, or a shelf. */
export function queueOf(
  { queue, shelves }: Engine,
  { place, shelved }: Pick<Found, "place" | "shelved">,
): EngineQueue {
  return shelved ? shelves.get(place as Shelf)! : queue;
}

function placeOf(state: string): EngineState | undefined {
  switch (state) {
    case "delayed":
    case "active":
    case "completed":
    case "failed":
      return state;
    case "unknown":
      return undefined;
    default:
      return "waiting";
  }
}

/** Every job there is. */
export async function loadAll(engine: Engine): Promise<LoadedJobs> {
  // In the order in which a job that ends without a run moves: so it is seen in one of them.
  const queued = await Promise.all(
    [...UNFINISHED, ...ENDED].map((place) => readPlace(engine, place)),
  );
  const shelved = await Promise.all(SHELVES.map((shelf) => readShelf(engine, shelf)));
  // What stands in the queue counts: a copy on a shelf is one that was being put there.
  return loaded([...shelved.flat(), ...queued.flat()]);
}

/** The jobs with these ids, and those that they wait for or that wait for them. */
export async function load(engine: Engine, ids: readonly string[]): Promise<LoadedJobs> {
  const found = new Map<string, Found>();
  const queue = [...(await findAll(engine, ids)).values()];
  for (const each of queue) {
    if (found.has(each.job.id)) continue;
    found.set(each.job.id, each);
    for (const id of await dependentsOf(engine, each.job.id)) {
      const dependent = await findJob(engine, id);
      if (dependent?.job.depends_on?.includes(each.job.id)) queue.push(dependent);
    }
  }
  for (const { job } of [...found.values()]) {
    for (const id of job.depends_on ?? []) {
      const dependency = found.has(id) ? undefined : await findJob(engine, id);
      if (dependency) found.set(id, dependency);
    }
  }
  return loaded([...found.values()]);
}

/** The jobs that people may mean by these words: with such ids, or else with ids that begin so. */
export async function findMeant(
  engine: Engine,
  words: readonly string[],
): Promise<readonly Found[]> {
  const found = await Promise.all([...new Set(words)].map(async (word) => {
    const exact = await findJob(engine, word);
    return exact ? [exact] : await findByBeginning(engine, word);
  }));
  return found.flat();
}

async function findByBeginning(engine: Engine, word: string): Promise<readonly Found[]> {
  if (word === "") return [];
  const matching = (await allIds(engine)).filter((id) => id.startsWith(word)).slice(0, MOST_MEANT);
  const found = await Promise.all(matching.map((id) => findJob(engine, id)));
  return found.flatMap((each) => each ?? []);
}

/** The ids of all jobs. */
async function allIds(engine: Engine): Promise<readonly string[]> {
  const places = Object.values(ENGINE_NAMES).flat();
  const backends = [engine.queue, ...engine.shelves.values()].map((queue) => queue.getBackend());
  const ranges = await Promise.all(backends.map((backend) => backend.getRanges(places, 0, -1)));
  return ranges.flat(2).filter((id) => id.startsWith("j-")).map(ownId);
}

function loaded(found: readonly Found[]): LoadedJobs {
  const byId = new Map(found.map((each) => [each.job.id, each]));
  return { records: recordsOf(byId.values()), found: byId };
}

/** These jobs, as the rules see them. */
export function recordsOf(found: Iterable<Pick<Found, "job">>): Records {
  const records = new Records();
  for (const { job } of found) records.apply({ put: job });
  return records;
}
