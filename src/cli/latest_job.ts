import { QueueError, usage } from "../model/errors.ts";
import { type Job, runsOf, STATES } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { wordsIn } from "./ids_of.ts";

/**
 * The job that a word means. Without one: of those that run the one that began last, else the one
 * whose run ended last.
 *
 * @throws {QueueError} `not_found` if there is none
 */
export async function jobOrLatest(queue: Queue, word: string | undefined): Promise<Job> {
  if (word === undefined) return await latestJob(queue);
  const words = wordsIn(word);
  if (words.length > 1) throw usage(`'${word}' is more than one job`);
  const [job] = await queue.resolve(words);
  return job!;
}

async function latestJob(queue: Queue): Promise<Job> {
  const running = await queue.list({ states: ["processing"] });
  const [latest] = running.jobs.toSorted((a, b) => startOf(b) - startOf(a));
  if (latest) return latest;
  const states = STATES.filter((state) => state !== "processing");
  const { jobs } = await queue.list({ states, order: "end" });
  const last = jobs.find((job) => runsOf(job).length > 0);
  if (last) return last;
  throw new QueueError("not_found", "no job has run yet", "`queuectl list` shows what waits");
}

function startOf({ started_at, updated_at }: Job): number {
  return Date.parse(started_at ?? updated_at);
}
