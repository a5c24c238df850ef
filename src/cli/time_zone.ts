import { UNKNOWN_ZONE } from "../model/instant.ts";

/** Spellings of UTC. */
const UTC = /^:?(Etc\/)?((UTC|GMT)[+-]?0?|UCT|Zulu|Universal|Greenwich)?$/i;

/**
 * The zone of local time, such as `Europe/Berlin`.
 *
 * @param tz the variable `TZ`. What the system does not know it takes for UTC: then a path of the zones'
 *   files stands for the zone in it, and what describes a zone by a rule has no name
 */
export function localZone(tz: string): string {
  const zone = Temporal.Now.timeZoneId();
  if (zone !== "UTC" && zone !== UNKNOWN_ZONE) return zone;
  if (UTC.test(tz)) return "UTC";
  return /\/zoneinfo\/(?:posix\/)?(\w+(?:\/[\w+-]+)*)$/.exec(tz)?.[1] ?? UNKNOWN_ZONE;
}
