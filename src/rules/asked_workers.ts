import { ambiguous, QueueError } from "../model/errors.ts";

/**
 * Who is asked to stop: these workers, or all that live.
 *
 * @param ids or beginnings of ids that only one live worker has
 * @throws {QueueError} `not_found` if one of them is no live worker, `conflict` if it could be several
 */
export function askedWorkers(
  ids: readonly string[] | undefined,
  alive: readonly string[],
): readonly string[] {
  return ids ? [...new Set(ids.map((id) => meantBy(id, alive)))] : alive;
}

function meantBy(given: string, alive: readonly string[]): string {
  if (alive.includes(given)) return given;
  const matching = given === "" ? [] : alive.filter((id) => id.startsWith(given));
  const [id] = matching;
  if (id === undefined) {
    throw new QueueError(
      "not_found",
      `no worker '${given}'`,
      "`queuectl worker list` shows them",
    );
  }
  if (matching.length > 1) throw ambiguous(given, matching);
  return id;
}
