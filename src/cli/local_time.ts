/**
 * A point in time for people: date and time in a zone, to the second.
 *
 * @param time ISO 8601 in UTC
 * @param timeZone such as `Europe/Berlin`
 */
export function localTime(time: string, timeZone: string): string {
  return Temporal.Instant.from(time).toZonedDateTimeISO(timeZone).toPlainDateTime()
    .toString({ smallestUnit: "second" }).replace("T", " ");
}
