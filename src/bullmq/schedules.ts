/**
 * Recurring jobs, noted on the server: what people say of each under one name, and under another how
 * far it has come. So what supervisors write never undoes what people have done in the same instant.
 */
import type { Schedule } from "../model/schedule.ts";
import type { QueueEvent } from "../rules/records.ts";
import type { Engine } from "./engine.ts";
import { isBeingMoved } from "./move_hold.ts";
import { QUEUE_NOTES, valuesUnder } from "./notes.ts";

const SCHEDULE = "schedule:";
const FIRED = "fired:";

type Noted = Readonly<Record<string, string>>;

/** How far a schedule has come. */
interface Fired {
  /** The text that the schedule had: one that people have changed since begins where they say. */
  readonly of: string;
  readonly next_run: string | null;
}

export async function schedulesOf(engine: Engine): Promise<readonly Schedule[]> {
  return schedulesIn(await engine.notes(QUEUE_NOTES).all());
}

function schedulesIn(notes: Noted): readonly Schedule[] {
  const fired = valuesUnder(notes, FIRED) as Readonly<Record<string, Fired>>;
  return Object.values(valuesUnder(notes, SCHEDULE) as Readonly<Record<string, Schedule>>)
    .map((schedule) => {
      const last = fired[schedule.name];
      const counts = last && last.of === notes[`${SCHEDULE}${schedule.name}`];
      return counts ? { ...schedule, next_run: last.next_run } : schedule;
    });
}

/** Carries out what people have done to schedules. */
export async function changeSchedules(
  engine: Engine,
  events: readonly QueueEvent[],
): Promise<void> {
  const notes = engine.notes(QUEUE_NOTES);
  for (const event of events) {
    if ("unschedule" in event) {
      await notes.remove([`${SCHEDULE}${event.unschedule}`, `${FIRED}${event.unschedule}`]);
    } else if ("schedule" in event) {
      const { name } = event.schedule;
      await notes.set(`${SCHEDULE}${name}`, JSON.stringify(event.schedule));
      await notes.remove([`${FIRED}${name}`]);
    }
  }
}

/** The schedules that may fire, and what was noted when they were read. */
export interface Firing {
  readonly schedules: readonly Schedule[];
  readonly notes: Noted;
}

/** None may fire while the queue is moved, as they may stand on the other side already. */
export async function firingSchedules(engine: Engine): Promise<Firing> {
  const notes = await engine.notes(QUEUE_NOTES).all();
  const rest = isBeingMoved(notes) && await engine.queue.isPaused();
  return { schedules: rest ? [] : schedulesIn(notes), notes };
}

/**
 * Notes how far schedules have come whose jobs have been enqueued; one that another supervisor has
 * moved on meanwhile stays where that has brought it.
 *
 * @param before what was noted when their jobs were made
 */
export async function moveSchedulesOn(
  engine: Engine,
  events: readonly QueueEvent[],
  before: Noted,
): Promise<void> {
  const moved = events.flatMap((event) => "schedule" in event ? [event.schedule] : []);
  if (moved.length === 0) return;
  const notes = engine.notes(QUEUE_NOTES);
  const now = await notes.all();
  for (const { name, next_run } of moved) {
    const of = now[`${SCHEDULE}${name}`];
    const isAsBefore = [SCHEDULE, FIRED].every((kind) =>
      now[`${kind}${name}`] === before[`${kind}${name}`]
    );
    if (of === undefined || !isAsBefore) continue;
    const fired: Fired = { of, next_run };
    await notes.set(`${FIRED}${name}`, JSON.stringify(fired));
  }
}
