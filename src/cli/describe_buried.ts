import { nameSome } from "../model/text.ts";

/**
 * That these jobs can never run now, as what they waited for has not completed.
 *
 * @param isGone what they waited for is deleted: then nothing holds them back when they are retried
 */
export function describeBuried(ids: readonly string[], isGone = false): string {
  const way = isGone ? "`dlq retry` runs it without" : "`retry --with-dependents` brings all back";
  return `what waited for it is dead now: ${nameSome(ids)} (${way})`;
}
