import type { Config } from "./config.ts";

/**
 * The wait before a retry: `backoff_base ** retry` seconds, capped by `backoff_max_seconds`, then
 * moved by up to `backoff_jitter` of itself in either direction and capped again.
 *
 * @param retry 1 for the wait after the first failure
 * @param random a number from 0 to 1, as `Math.random`
 * @returns seconds
 */
export function backoffSeconds(
  config: Pick<Config, "backoff_base" | "backoff_max_seconds" | "backoff_jitter">,
  retry: number,
  random: () => number,
): number {
  const cap = config.backoff_max_seconds;
  const delay = Math.min(config.backoff_base ** retry, cap);
  if (config.backoff_jitter === 0) return delay;
  return Math.min(delay * (1 + config.backoff_jitter * (2 * random() - 1)), cap);
}
