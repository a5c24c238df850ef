/**
 * Promises:
 * - A second job with an id that is there is found out, also where two are enqueued at once: the
 *   engine takes the first, quietly, and what it has then tells whose it is.
 */
import { QueueError } from "../model/errors.ts";
import type { Job, NewJob } from "../model/job.ts";
import type { Enqueued } from "../model/queue.ts";
import type { View } from "../rules/change.ts";
import { addJobs, type EnqueueOptions } from "../rules/enqueue.ts";
import { checkPriority } from "./carry_out.ts";
import type { Records } from "../rules/records.ts";
import { dependentsOf, noteDependencies } from "./dependents.ts";
import type { Engine } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { findAll, load, recordsOf } from "./jobs.ts";
import { dataOf, engineId, optionsOf, type StoredJob } from "./record.ts";

/** How many jobs go to the server at a time. */
const BATCH = 1_000;

/** Adds jobs: all of them or, when one cannot be, none. */
export async function enqueue(
  hand: Hand,
  view: Omit<View, "records">,
  jobs: readonly NewJob[],
  options: EnqueueOptions,
): Promise<Enqueued> {
  const records = await involved(hand.engine, jobs);
  const { events, result: ids } = addJobs({ ...view, records }, jobs, options);
  const added = events.flatMap((event) => "put" in event ? [event.put] : []);
  for (const job of added) checkPriority(job);
  const own = new Set(jobs.flatMap(({ id }) => id ?? []));
  await addAll(hand, added, (job) => own.has(job.id), options.ifAbsent);
  return { ids, confirmed: true };
}

/**
 * The jobs that these name; and where one takes the id of a job that is gone, those that still wait for
 * that id, and for these, as it might come to wait for itself.
 */
async function involved(engine: Engine, jobs: readonly NewJob[]): Promise<Records> {
  const named = jobs.flatMap(({ id, depends_on = [] }) => [...depends_on, ...(id ? [id] : [])]);
  const found = await findAll(engine, named);
  const again = jobs.flatMap(({ id, depends_on }) =>
    id && depends_on?.length && !found.has(id) ? [id] : []
  );
  const waiting = await Promise.all(again.map((id) => dependentsOf(engine, id)));
  const more = waiting.some((ids) => ids.length > 0)
    ? await load(engine, waiting.flat())
    : undefined;
  return recordsOf([...found.values(), ...more?.found.values() ?? []]);
}

/**
 * Adds jobs that wait.
 *
 * @param isNamed true for a job whose id somebody else may use at the same time
 */
export async function addAll(
  hand: Hand,
  jobs: readonly Job[],
  isNamed: (job: Job) => boolean,
  ifAbsent: boolean,
): Promise<void> {
  const { engine, clock, makeNonce } = hand;
  for (const job of jobs) await noteDependencies(engine, job);
  const nonces = new Set<string>();
  let begun = 0;
  try {
    while (begun < jobs.length) {
      const nonce = makeNonce();
      const batch = jobs.slice(begun, begun + BATCH);
      const now = clock();
      nonces.add(nonce);
      begun += batch.length;
      await engine.queue.addBulk(
        batch.map((job) => ({ name: "job", data: dataOf(job, nonce), opts: optionsOf(job, now) })),
      );
      const other = ifAbsent ? undefined : await findOther(engine, batch.filter(isNamed), nonce);
      if (other === undefined) continue;
      throw new QueueError("conflict", `job '${other}' exists already: it was enqueued just now`);
    }
  } catch (error) {
    // None of them stays, as far as the server still answers: why it came to nothing is what matters.
    await takeBack(engine, jobs.slice(0, begun), nonces).catch(() => {});
    throw error;
  }
}

/** The id of a job that somebody else has enqueued under it in the same instant. */
async function findOther(
  engine: Engine,
  jobs: readonly Job[],
  nonce: string,
): Promise<string | undefined> {
  for (const { id } of jobs) {
    const stored = await engine.queue.getJob(engineId(id)) as StoredJob | undefined;
    if (stored && stored.data.nonce !== nonce) return id;
  }
  return undefined;
}

/** A job that a worker has taken meanwhile stays: its run has begun. */
async function takeBack(
  engine: Engine,
  jobs: readonly Job[],
  nonces: ReadonlySet<string>,
): Promise<void> {
  for (const { id } of jobs) {
    const stored = await engine.queue.getJob(engineId(id)) as StoredJob | undefined;
    if (stored && nonces.has(stored.data.nonce)) await stored.remove().catch(() => {});
  }
}
