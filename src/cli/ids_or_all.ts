import { usage } from "../model/errors.ts";

/**
 * The jobs that a command is about, where `--all` may stand for ids.
 *
 * @returns undefined for all
 * @throws {QueueError} `usage` if both are given, or neither
 */
export function idsOrAll(
  ids: readonly string[],
  all: boolean | undefined,
): readonly string[] | undefined {
  if (all ? ids.length > 0 : ids.length === 0) {
    throw usage(
      all ? "--all and ids exclude each other" : "ID is missing",
      "name jobs, or use --all",
    );
  }
  return all ? undefined : ids;
}
