import { QueueError } from "../model/errors.ts";

/**
 * Who is asked to stop: these workers, or all that live.
 *
 * @throws {QueueError} `not_found` if one of the ids is no live worker
 */
export function askedWorkers(
  ids: readonly string[] | undefined,
  alive: readonly string[],
): readonly string[] {
  const missing = ids?.find((id) => !alive.includes(id));
  if (missing === undefined) return ids ?? alive;
  throw new QueueError(
    "not_found",
    `no worker '${missing}'`,
    "`queuectl worker list` shows them",
  );
}
