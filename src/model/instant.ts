import { usage } from "./errors.ts";

const HINT =
  "write 2030-01-31T10:00:00Z, 2030-01-31 10:00 (local time), or a number of seconds since 1970 in JSON";

/**
 * Reads a point in time: ISO 8601, a space for the `T` allowed, local time without an offset;
 * a number is seconds since 1970.
 *
 * @param timeZone the zone of local time, such as `Europe/Berlin`
 * @returns ISO 8601 in UTC
 * @throws {QueueError} `usage` if there is no such time (31 February)
 */
export function parseInstant(value: string | number, what: string, timeZone: string): string {
  try {
    if (typeof value === "number") {
      return Temporal.Instant.fromEpochMilliseconds(Math.round(value * 1000)).toString();
    }
    const text = value.trim().replace(/^(\d{4}-\d{2}-\d{2}) +/, "$1T");
    const hasOffset = /T.*(?:[zZ]|[+-]\d{2}(?::?\d{2})?)$/.test(text);
    const instant = hasOffset
      ? Temporal.Instant.from(text)
      : Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).toInstant();
    return instant.toString({ smallestUnit: "millisecond" });
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw usage(`${what}: '${value}' is no date and time`, HINT);
    }
    throw error;
  }
}
