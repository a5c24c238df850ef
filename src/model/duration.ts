import { usage } from "./errors.ts";

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/** A thousand years. */
export const MAX_SECONDS = 31_536_000_000;

const PART = / ?(\d+(?:\.\d+)?)(ms|sec|min|[smhdw])/y;

/**
 * Reads a duration: a bare number of seconds (`90`, `1.5`) or numbers with the units
 * `ms s m h d w`, joined (`1h30m`), with a space between them too; `sec` and `min` are known.
 *
 * @param what what the duration is for, to name it in the error
 * @returns seconds, 0 or more
 * @throws {QueueError} `usage` if it is none, or longer than a thousand years
 */
export function parseDuration(text: string, what: string): number {
  const seconds = secondsIn(text.trim());
  if (seconds === undefined) {
    throw usage(
      `${what}: '${text}' is no duration`,
      "seconds, or 500ms, 90s, 15m, 2h, 1h30m, 7d, 2w",
    );
  }
  if (seconds > MAX_SECONDS) throw usage(`${what}: '${text}' is more than a thousand years`);
  return seconds;
}

function secondsIn(trimmed: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  let seconds = 0;
  PART.lastIndex = 0;
  let end = 0;
  for (let part = PART.exec(trimmed); part; part = PART.exec(trimmed)) {
    seconds += Number(part[1]) * SECONDS[part[2]!]!;
    end = PART.lastIndex;
  }
  return end === 0 || end !== trimmed.length ? undefined : seconds;
}

/** A duration for people, the largest two units that are not zero: `1h 30m`, `4s`, `250ms`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10}s`;
  const whole = Math.round(seconds);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts.slice(first, first + 2).filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`).join(" ");
}
