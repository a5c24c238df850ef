import { isEnded, isWaiting, type Job, type State, STATES } from "../model/job.ts";
import type { JobPage, ListFilter } from "../model/listing.ts";
import type { Status } from "../model/queue.ts";
import { list, unmetOf } from "../rules/list.ts";
import type { Records } from "../rules/records.ts";
import { status } from "../rules/status.ts";
import { type Engine, type Shelf, SHELVES } from "./engine.ts";
import { countAt, countOn, findJob, type Found, readPlace, readShelf, recordsOf } from "./jobs.ts";
import type { EngineState } from "./record.ts";

/** Where jobs of a state may stand. */
const PLACES_OF: Readonly<Record<State, readonly EngineState[]>> = {
  pending: ["waiting", "delayed"],
  failed: ["delayed"],
  processing: ["active"],
  completed: ["completed"],
  dead: ["failed"],
  cancelled: ["active"],
};

const isShelf = (state: State): state is Shelf => isEnded(state);

/** The jobs that pass the filter, the newest first. */
export async function listJobs(engine: Engine, filter: ListFilter): Promise<JobPage> {
  const states = filter.states ?? STATES;
  const places = [...new Set(states.flatMap((state) => PLACES_OF[state]))];
  // In the order in which a job that ends without a run moves: so it is seen in one of them.
  const queued = await Promise.all(places.map((place) => readPlace(engine, place)));
  const shelved = await Promise.all(
    states.filter(isShelf).map((shelf) => readShelf(engine, shelf)),
  );
  // What stands in the queue counts: a copy on a shelf is one that was being put there.
  const records = recordsOf([...shelved.flat(), ...queued.flat()]);
  const page = list(records, filter);
  await addDependencies(engine, records, page.jobs);
  return { ...page, unmet: unmetOf(page.jobs, records) };
}

/** What these jobs wait for is needed to say which of it they still wait for. */
async function addDependencies(
  engine: Engine,
  records: Records,
  jobs: readonly Job[],
): Promise<void> {
  for (const { state, depends_on = [] } of jobs) {
    if (!isWaiting(state)) continue;
    for (const id of depends_on) {
      const found = records.get(id) ? undefined : await findJob(engine, id);
      if (found) records.apply({ put: found.job });
    }
  }
}

/** How many of the jobs that wait for their turn are looked at for the oldest: the next ones. */
const LOOKED_AT = 1_000;

/** The queue in numbers, without the workers: counted by the engine where it can. */
export async function countJobs(
  engine: Engine,
  now: number,
): Promise<Omit<Status, "workers" | "paused">> {
  const [waiting, delayed, active, inLine, completed, failed, ...shelved] = await Promise.all(
    [
      readPlace(engine, "waiting", LOOKED_AT),
      readPlace(engine, "delayed"),
      readPlace(engine, "active"),
      countAt(engine, ["waiting"]),
      countAt(engine, ["completed"]),
      countAt(engine, ["failed"]),
      ...SHELVES.map((shelf) => countOn(engine, shelf)),
    ] as const,
  );
  const [shelvedCompleted = 0, shelvedDead = 0, shelvedCancelled = 0] = shelved;
  const seen = recordsOf([...waiting, ...delayed, ...active]);
  await addDependencies(engine, seen, [...seen.values()]);
  const { oldest_waiting } = status(seen, now);
  const at = (found: readonly Found[], state: State): number =>
    found.filter(({ job }) => job.state === state).length;
  return {
    counts: {
      pending: inLine + at(delayed, "pending"),
      processing: at(active, "processing"),
      completed: completed + shelvedCompleted,
      failed: at(delayed, "failed"),
      dead: failed + shelvedDead,
      cancelled: at(active, "cancelled") + shelvedCancelled,
    },
    oldest_waiting,
  };
}
