import { usage } from "../model/errors.ts";

/**
 * The words for the jobs that a command is about, where `--all` may stand for all of them.
 *
 * @returns undefined for all
 * @throws {QueueError} `usage` if both are given, or neither
 */
export function wordsOrAll(
  words: readonly string[],
  all: boolean | undefined,
): readonly string[] | undefined {
  if (all ? words.length > 0 : words.length === 0) {
    throw usage(
      all ? "--all and ids exclude each other" : "ID is missing",
      "name jobs, or use --all",
    );
  }
  return all ? undefined : words;
}
