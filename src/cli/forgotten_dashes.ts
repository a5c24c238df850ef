import { quoteWords } from "./quote.ts";

/** Words of a command's own line rather than a job as JSON, or what a shell has left of one. */
const PLAIN = /^[^\s'"{[-]/;

/**
 * The hint for who enqueues the words of a command, flags and all, without `--` before them.
 *
 * @param words the command line as it was typed
 * @returns undefined if that is not what happened
 */
export function forgottenDashes(words: readonly string[]): string | undefined {
  const [name, first] = words;
  if (name !== "enqueue" || first === undefined || !isPlain(first)) return undefined;
  return `put -- before the command: \`queuectl enqueue -- ${quoteWords(words.slice(1))}\``;
}

/** True for the beginning of a command; with a colon it may be what a shell has left of JSON. */
export function isPlain(word: string): boolean {
  return PLAIN.test(word) && !word.includes(":");
}
