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
import { checkPriority, type Hand } from "./carry_out.ts";
import { noteDependencies } from "./dependents.ts";
import type { Engine } from "./engine.ts";
import { findAll, recordsOf } from "./jobs.ts";
import { dataOf, engineId, type Held, optionsOf } from "./record.ts";

/** So many jobs go to the server at a time. */
const BATCH = 1_000;

/** Adds jobs: all of them or, when one cannot be, none. */
export async function enqueue(
  hand: Hand,
  view: Omit<View, "records">,
  jobs: readonly NewJob[],
  options: EnqueueOptions,
): Promise<Enqueued> {
  const named = jobs.flatMap(({ id, depends_on = [] }) => [...depends_on, ...(id ? [id] : [])]);
  const records = recordsOf((await findAll(hand.engine, named)).values());
  const { events, result: ids } = addJobs({ ...view, records }, jobs, options);
  const added = events.flatMap((event) => "put" in event ? [event.put] : []);
  for (const job of added) checkPriority(job);
  const own = new Set(jobs.flatMap(({ id }) => id ?? []));
  await addAll(hand, added, (job) => own.has(job.id), options.ifAbsent);
  return { ids, confirmed: true };
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
  for (let start = 0; start < jobs.length; start += BATCH) {
    const nonce = makeNonce();
    const batch = jobs.slice(start, start + BATCH);
    const now = clock();
    await engine.queue.addBulk(
      batch.map((job) => ({ name: "job", data: dataOf(job, nonce), opts: optionsOf(job, now) })),
    );
    if (!ifAbsent) await checkOwn(engine, batch.filter(isNamed), nonce);
  }
}

async function checkOwn(engine: Engine, jobs: readonly Job[], nonce: string): Promise<void> {
  for (const { id } of jobs) {
    const held = await engine.queue.getJob(engineId(id)) as Held | undefined;
    if (!held || held.data.nonce === nonce) continue;
    throw new QueueError("conflict", `job '${id}' exists already: it was enqueued just now`);
  }
}
