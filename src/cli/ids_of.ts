import type { Queue } from "../model/queue.ts";

/** The ids of the jobs that people mean by these words, each once. */
export async function idsOf(queue: Queue, words: readonly string[]): Promise<readonly string[]> {
  const jobs = await queue.resolve(words);
  return [...new Set(jobs.map(({ id }) => id))];
}
