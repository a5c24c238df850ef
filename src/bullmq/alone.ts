/**
 * Of several who end, delete, revive or edit one job, one does at a time: each enters the job's name,
 * the engine takes the first of two entries, quietly, and what it has then tells whose it is.
 */
import { QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import { pause } from "../timer.ts";
import type { Hand } from "./hand.ts";
import { findJob, type Found } from "./jobs.ts";
import { dataOf, engineId } from "./record.ts";

/** How often to look whether another has done, in milliseconds. */
const LOOK_MS = 50;

/** An entry that was seen unchanged for longer was left by somebody who was killed, in milliseconds. */
const LEFT_MS = 10_000;

/** Calls `work` when nobody else ends, deletes, revives or edits this job. */
export async function alone<T>(hand: Hand, job: Job, work: () => Promise<T>): Promise<T> {
  const { entries } = hand.engine;
  const nonce = await enter(hand, job);
  const entered = performance.now();
  try {
    return await work();
  } finally {
    const id = engineId(job.id);
    // By now the entry may be another's, who took this one for left.
    const isOurs = performance.now() - entered < LEFT_MS / 2 ||
      (await entries.getJob(id))?.data.nonce === nonce;
    if (isOurs) await entries.remove(id);
  }
}

/** @returns what tells this entry from those of others */
async function enter({ engine: { entries }, makeNonce }: Hand, job: Job): Promise<string> {
  const id = engineId(job.id);
  const nonce = makeNonce();
  let seen: string | undefined;
  for (let since = performance.now();;) {
    await entries.add("job", dataOf(job, nonce), { jobId: id });
    const entered = (await entries.getJob(id))?.data.nonce;
    if (entered === nonce) return nonce;
    if (entered !== seen) since = performance.now();
    seen = entered;
    if (entered === undefined) continue;
    if (performance.now() - since > LEFT_MS) await entries.remove(id);
    else await pause(LOOK_MS);
  }
}

/**
 * Calls `work` when nobody else does anything of the kind with this job.
 *
 * @throws {QueueError} `conflict` if it is not any more as it was found
 */
export async function unchanged(
  hand: Hand,
  found: Found,
  work: () => Promise<void>,
): Promise<void> {
  await alone(hand, found.job, async () => {
    const now = await findJob(hand.engine, found.job.id);
    const isSame = now?.place === found.place && now.shelved === found.shelved &&
      now.job.updated_at === found.job.updated_at && now.job.run === found.job.run;
    if (!isSame) throw overtaken(found.job.id);
    await work();
  });
}

/** What is thrown if another was faster. */
export function overtaken(id: string): QueueError {
  return new QueueError("conflict", `job '${id}' has just changed`, "look at it again");
}
