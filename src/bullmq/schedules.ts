/** Recurring jobs, noted on the server. */
import type { Schedule } from "../model/schedule.ts";
import type { QueueEvent } from "../rules/records.ts";
import type { Engine } from "./engine.ts";
import { isBeingMoved } from "./move_hold.ts";
import { QUEUE_NOTES, valuesUnder } from "./notes.ts";

const SCHEDULE = "schedule:";

export async function schedulesOf(engine: Engine): Promise<readonly Schedule[]> {
  return schedulesIn(await engine.notes(QUEUE_NOTES).all());
}

/** Those that may fire: none while the queue is moved, as they may stand on the other side already. */
export async function firingSchedules(engine: Engine): Promise<readonly Schedule[]> {
  const notes = await engine.notes(QUEUE_NOTES).all();
  return isBeingMoved(notes) && await engine.queue.isPaused() ? [] : schedulesIn(notes);
}

function schedulesIn(notes: Readonly<Record<string, string>>): readonly Schedule[] {
  return Object.values(valuesUnder(notes, SCHEDULE)) as Schedule[];
}

/** Carries out what people have done to schedules. */
export async function changeSchedules(
  engine: Engine,
  events: readonly QueueEvent[],
): Promise<void> {
  const notes = engine.notes(QUEUE_NOTES);
  for (const event of events) {
    if ("unschedule" in event) await notes.remove([`${SCHEDULE}${event.unschedule}`]);
    if (!("schedule" in event)) continue;
    await notes.set(`${SCHEDULE}${event.schedule.name}`, JSON.stringify(event.schedule));
  }
}

/**
 * Moves schedules on whose jobs have been enqueued. What people, or another supervisor, have done to
 * one meanwhile stays.
 *
 * @param known as they were when their jobs were made
 */
export async function moveSchedulesOn(
  engine: Engine,
  events: readonly QueueEvent[],
  known: readonly Schedule[],
): Promise<void> {
  if (events.length === 0) return;
  const before = new Map(known.map((schedule) => [schedule.name, JSON.stringify(schedule)]));
  const now = await engine.notes(QUEUE_NOTES).all();
  const unchanged = events.filter((event) =>
    "schedule" in event &&
    now[`${SCHEDULE}${event.schedule.name}`] === before.get(event.schedule.name)
  );
  await changeSchedules(engine, unchanged);
}
