/**
 * Recurring jobs, noted on the server: what people say of each under one name, and under another how
 * far it has come. So what supervisors write never undoes what people have done in the same instant.
 */
import type { Schedule } from "../model/schedule.ts";
import type { Job } from "../model/job.ts";
import type { Change, View } from "../rules/change.ts";
import { Records } from "../rules/records.ts";
import { fireSchedules } from "../rules/schedules.ts";
import type { Changes } from "./changes.ts";
import type { Engine } from "./engine.ts";
import { addAll } from "./enqueue.ts";
import { findJob } from "./jobs.ts";
import { isBeingMoved } from "./move_hold.ts";
import { QUEUE_NOTES, valuesUnder } from "./notes.ts";

const SCHEDULE = "schedule:";
const FIRED = "fired:";

type NotesRead = Readonly<Record<string, string>>;

/** How far a schedule has come. */
interface Fired {
  /** The text that the schedule had: one that people have changed since begins where they say. */
  readonly of: string;
  readonly next_run: string | null;
}

export async function schedulesOf(engine: Engine): Promise<readonly Schedule[]> {
  return schedulesIn(await engine.notes(QUEUE_NOTES).all());
}

function schedulesIn(notes: NotesRead): readonly Schedule[] {
  const fired = valuesUnder(notes, FIRED) as Readonly<Record<string, Fired>>;
  return Object.values(valuesUnder(notes, SCHEDULE) as Readonly<Record<string, Schedule>>)
    .map((schedule) => {
      const last = fired[schedule.name];
      const counts = last && last.of === notes[`${SCHEDULE}${schedule.name}`];
      return counts ? { ...schedule, next_run: last.next_run } : schedule;
    });
}

/** Makes a pure change of the schedules, as people ask for it. They are small and few: all are looked at. */
export async function changeSchedules<T>(
  changes: Changes,
  change: (view: View) => Change<T>,
): Promise<T> {
  const { engine } = changes.hand;
  const records = recordsOf(await schedulesOf(engine));
  const { events, result } = change({ ...await changes.view(), records });
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
  return result;
}

/**
 * Enqueues the jobs of the occurrences that have come. None comes while the queue is moved, as the
 * schedules may stand on the other side already.
 *
 * @returns the ids of the new jobs
 */
export async function fireOnServer(changes: Changes): Promise<readonly string[]> {
  const { hand } = changes;
  const { engine } = hand;
  const noted = await engine.notes(QUEUE_NOTES).all();
  const schedules = schedulesIn(noted);
  if (schedules.length === 0) return [];
  if (isBeingMoved(noted) && await engine.queue.isPaused()) return [];
  const records = recordsOf(schedules);
  const { events } = fireSchedules({ ...await changes.view(), records });
  const fresh: Job[] = [];
  for (const event of events) {
    if ("put" in event && !await findJob(engine, event.put.id)) fresh.push(event.put);
  }
  await addAll(hand, fresh, () => false, true);
  await moveOn(engine, events.flatMap((each) => "schedule" in each ? [each.schedule] : []), noted);
  return fresh.map(({ id }) => id);
}

/**
 * Notes how far schedules have come. One that somebody has changed or moved on meanwhile stays as it
 * is now.
 *
 * @param before what was noted when their jobs were made
 */
async function moveOn(
  engine: Engine,
  moved: readonly Schedule[],
  before: NotesRead,
): Promise<void> {
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

function recordsOf(schedules: readonly Schedule[]): Records {
  const records = new Records();
  records.restore({ paused: false, schedules });
  return records;
}
