import { usage } from "./errors.ts";

const HINT =
  "write 2030-01-31T10:00:00Z, or 2030-01-31 10:00 for local time; in JSON also seconds since 1970";

/** What the system calls a zone that it does not know, and what stands for one without a name: local time cannot be told there. */
export const UNKNOWN_ZONE = "Etc/Unknown";

/** @throws {QueueError} `usage` if local time cannot be told */
function checkKnown(timeZone: string): void {
  if (timeZone !== UNKNOWN_ZONE) return;
  throw usage("TZ names no time zone", "give the time with an offset, or set TZ=Europe/Berlin");
}

/**
 * Reads a point in time: ISO 8601, a space for the `T` allowed, local time without an offset;
 * a number is seconds since 1970.
 *
 * @param timeZone the zone of local time, such as `Europe/Berlin`
 * @param hint how it may be written
 * @returns ISO 8601 in UTC
 * @throws {QueueError} `usage` if there is no such time (31 February)
 */
export function parseInstant(
  value: string | number,
  what: string,
  timeZone: string,
  hint = HINT,
): string {
  try {
    if (typeof value === "number") {
      return Temporal.Instant.fromEpochMilliseconds(Math.round(value * 1000))
        .toString({ smallestUnit: "millisecond" });
    }
    const text = value.trim().replace(/^(\d{4}-\d{2}-\d{2}) +/, "$1T");
    return instantOf(text, timeZone).toString({ smallestUnit: "millisecond" });
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw usage(`${what}: '${value}' is no date and time`, hint);
    }
    throw error;
  }
}

/**
 * The next time that a clock shows this: `22:00`, later today or tomorrow.
 *
 * @param now milliseconds since 1970
 * @param timeZone the zone of the clock
 * @returns ISO 8601 in UTC; undefined if the text is no time of day
 */
export function nextTimeOfDay(text: string, now: number, timeZone: string): string | undefined {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  checkKnown(timeZone);
  const here = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const time = { hour: Number(hour), minute: Number(minute) };
  // On the night when clocks are put back there are two of some.
  const today = (["earlier", "later"] as const).map((disambiguation) =>
    here.toPlainDate().toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation })
  );
  const next = today.find((each) => Temporal.ZonedDateTime.compare(each, here) > 0) ??
    here.add({ days: 1 }).withPlainTime(time);
  return next.toInstant().toString({ smallestUnit: "millisecond" });
}

/** @throws {RangeError} if it is no such text */
function instantOf(text: string, timeZone: string): Temporal.Instant {
  if (text.includes("[")) return Temporal.ZonedDateTime.from(text).toInstant();
  // What is read as local time must have nothing that says otherwise: it would be passed over.
  const hasOffset = /[t ].*(?:z|[+-]\d{2}(?::?\d{2})*)$/i.test(text);
  return hasOffset
    ? Temporal.Instant.from(text)
    : localInstant(Temporal.PlainDateTime.from(text), timeZone);
}

function localInstant(time: Temporal.PlainDateTime, timeZone: string): Temporal.Instant {
  checkKnown(timeZone);
  return time.toZonedDateTime(timeZone).toInstant();
}
