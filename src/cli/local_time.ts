import { UNKNOWN_ZONE } from "../model/instant.ts";

/**
 * A point in time for people: date and time in a zone, to the second.
 *
 * @param time ISO 8601 in UTC
 * @param timeZone such as `Europe/Berlin`
 */
export function localTime(time: string, timeZone: string): string {
  const zone = timeZone === UNKNOWN_ZONE ? "UTC" : timeZone;
  return Temporal.Instant.from(time).toZonedDateTimeISO(zone).toPlainDateTime()
    .toString({ smallestUnit: "second" }).replace("T", " ");
}
