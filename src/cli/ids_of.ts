import type { Queue } from "../model/queue.ts";

/** The ids of the jobs that people mean by these words, each once. */
export async function idsOf(queue: Queue, words: readonly string[]): Promise<readonly string[]> {
  const jobs = await queue.resolve(words.flatMap(wordsIn));
  return [...new Set(jobs.map(({ id }) => id))];
}

/**
 * The ids in what was pasted: no id has a space, a comma, or what stands in a table for the rest of a
 * long one.
 */
export function wordsIn(pasted: string): readonly string[] {
  const words = pasted.split(/[\s,]+/).map((word) => word.replace(/…$/, ""));
  const ids = words.filter((word) => word !== "");
  return ids.length > 0 ? ids : [pasted];
}
