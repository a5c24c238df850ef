/** The queue on BullMQ: every verb. */
import { makePrivateDirectory, type Owner, ownerFor } from "../machine/io.ts";
import { findWorkerLog } from "../machine/worker_logs.ts";
import { type MachinePaths, machinePathsOf, onFinishLogPath } from "../machine/paths.ts";
import { Presence } from "../machine/presence.ts";
import type { Environment } from "../model/environment.ts";
import { noSuchJob } from "../model/errors.ts";
import { idMaker, isEnded, type Job } from "../model/job.ts";
import type { Queue, Unfit } from "../model/queue.ts";
import type { Schedule } from "../model/schedule.ts";
import type { Seat } from "../model/seat.ts";
import type { Change, View } from "../rules/change.ts";
import { deleteDead, deleteJobs } from "../rules/delete.ts";
import { edit } from "../rules/edit.ts";
import { findRun } from "../rules/find_run.ts";
import { lastHour, metrics } from "../rules/metrics.ts";
import { Records } from "../rules/records.ts";
import { retry, retryDead } from "../rules/retry.ts";
import { addSchedule, fireSchedules, pauseSchedules, removeSchedules } from "../rules/schedules.ts";
import { cancelWaiting } from "./cancel.ts";
import { carryOut, checkPriority, type Done, type Hand } from "./carry_out.ts";
import { deleteAll } from "./delete_all.ts";
import { endDependents } from "./end_dependents.ts";
import { addAll, enqueue } from "./enqueue.ts";
import { Engine } from "./engine.ts";
import {
  findAll,
  findJob,
  findMeant,
  load,
  loadAll,
  type Loaded,
  queueOf,
  readPlace,
  readShelf,
  recordsOf,
} from "./jobs.ts";
import { identityOf } from "./identity.ts";
import { countJobs, listJobs } from "./list.ts";
import { lostWorkers, settleLost } from "./lost_workers.ts";
import { holdOnServer } from "./move_hold.ts";
import { prune } from "./prune.ts";
import { requests, watchRequests } from "./requests.ts";
import { logOf } from "./run_log.ts";
import { BullSeat } from "./seat.ts";
import { checkServer } from "./server_check.ts";
import { changeSchedules, firingSchedules, moveSchedulesOn, schedulesOf } from "./schedules.ts";
import { Settings } from "./settings.ts";
import { handOver, takeOver, takeOverLog } from "./take_over.ts";
import { watch } from "./watch.ts";
import { watchForWork } from "./watch_for_work.ts";
import { stopWorkers, workers } from "./workers.ts";

/** Sequence numbers of jobs of one millisecond. */
const PER_MS = 1_000;

/**
 * Opens the queue on a server.
 *
 * @param directory where workers of this machine leave what is theirs
 * @throws {QueueError} `usage` for a URL of something else, `internal` if it cannot be reached
 */
export async function openBullQueue(
  directory: string,
  store: string,
  environment: Environment,
): Promise<Queue> {
  const { clock, random, warn } = environment;
  const engine = await Engine.open(directory, store);
  const settings = new Settings(engine, warn);
  const paths = machinePathsOf(`${directory}/stores/${folderOf(engine)}`);
  const owner = ownerFor(directory);
  const makeId = idMaker(clock, random);
  const hand: Hand = { engine, clock, makeNonce: makeId };

  const view = async (): Promise<Omit<View, "records">> => ({
    now: new Date(clock()).toISOString(),
    next: clock() * PER_MS,
    config: (await settings.config()).complete,
    random,
  });

  const tellFinished = async (jobs: readonly Job[]): Promise<void> => {
    if (jobs.length === 0) return;
    const { on_finish, log_limit_bytes } = (await settings.config()).complete;
    if (on_finish === "") return;
    makeRoom(paths, owner);
    environment.onFinished?.({
      jobs,
      command: on_finish,
      gate: paths.directory,
      log: onFinishLogPath(paths),
      logLimitBytes: log_limit_bytes,
    });
  };

  /** Makes a pure change of these jobs, and carries it out; with which of them that is done. */
  const transact = async <T>(
    loaded: Loaded,
    change: (view: View) => Change<T>,
    unfit?: Unfit,
  ): Promise<{ readonly result: T; readonly isDone: (job: Job) => boolean }> => {
    const { events, result } = change({ ...await view(), records: loaded.records });
    const ended = events.flatMap((event) => {
      if (!("put" in event) || !isEnded(event.put.state)) return [];
      return isEnded(loaded.records.get(event.put.id)!.state) ? [] : [event.put];
    });
    const done = new Map<string, Done>();
    const isDone = ({ id }: Job): boolean => done.has(id);
    try {
      await carryOut(hand, loaded, events, unfit, (id, how) => done.set(id, how));
    } finally {
      // The worker that is asked to end a job tells of its end itself.
      await tellFinished(ended.filter(({ id }) => done.get(id) === "done"));
    }
    return { result, isDone };
  };

  /** The same, for a change that gives the jobs that it is about. */
  const changeJobs = async (
    loaded: Loaded,
    change: (view: View) => Change<readonly Job[]>,
    unfit?: Unfit,
  ): Promise<readonly Job[]> => {
    const { result, isDone } = await transact(loaded, change, unfit);
    return result.filter(isDone);
  };

  /** Schedules are small and few: all of them are looked at. */
  const withSchedules = async <T>(
    known: readonly Schedule[],
    change: (view: View) => Change<T>,
  ): Promise<Change<T>> => {
    const records = new Records();
    records.restore({ paused: false, schedules: known });
    return change({ ...await view(), records });
  };

  const schedule = async <T>(change: (view: View) => Change<T>): Promise<T> => {
    const { events, result } = await withSchedules(await schedulesOf(engine), change);
    await changeSchedules(engine, events);
    return result;
  };

  const fire = async (): Promise<readonly string[]> => {
    const { schedules, notes } = await firingSchedules(engine);
    if (schedules.length === 0) return [];
    const { events, result } = await withSchedules(
      schedules,
      (given) => fireSchedules(given, makeId),
    );
    const fresh = [];
    for (const event of events) {
      if ("put" in event && !await findJob(engine, event.put.id)) fresh.push(event.put);
    }
    await addAll(hand, fresh, () => false, true);
    await moveSchedulesOn(engine, events, notes);
    return result;
  };

  const dead = async (ids: readonly string[] | undefined): Promise<Loaded> => {
    if (ids) return await load(engine, ids);
    const all = [...await readPlace(engine, "failed"), ...await readShelf(engine, "dead")];
    return await load(engine, all.map(({ job }) => job.id));
  };

  const verbs: Queue = {
    name: engine.name,
    loadVerbs: () => Promise.resolve(),
    enqueue: async (jobs, { ifAbsent }) =>
      await enqueue(hand, await view(), jobs, { ifAbsent, makeId }),
    list: (filter) => listJobs(engine, filter),
    resolve: async (words) => {
      const records = recordsOf(await findMeant(engine, words));
      return words.map((word) => records.resolve(word));
    },
    get: async (ids) => {
      const records = recordsOf((await findAll(engine, ids)).values());
      return ids.map((id) => records.find(id));
    },
    status: async () => ({
      paused: await engine.queue.isPaused(),
      ...await countJobs(engine, clock()),
      workers: await workers(engine, clock()),
    }),
    metrics: async () => metrics((await loadAll(engine)).records, clock()),
    lastHour: async () => lastHour((await loadAll(engine)).records, clock()),
    retry: async (ids, options, unfit) =>
      await changeJobs(
        await load(engine, ids),
        (given) => retry(given, ids, options, unfit),
        unfit,
      ),
    retryDead: async (ids, { withDependents }) =>
      await changeJobs(await dead(ids), (given) => retryDead(given, ids, withDependents)),
    edit: async (ids, change) => {
      const named = [...ids, ...change.depends_on ?? []];
      return (await transact(await load(engine, named), (given) => edit(given, ids, change)))
        .result;
    },
    cancel: async (ids, unfit) => {
      const loaded = await load(engine, ids);
      const { result: { jobs, buried }, isDone } = await transact(
        loaded,
        (given) => cancelWaiting(given, loaded, ids, unfit),
        unfit,
      );
      const isBuried = (id: string): boolean => isDone(loaded.records.get(id)!);
      return { jobs: jobs.filter(isDone), buried: buried.filter(isBuried) };
    },
    delete: async (ids, unfit) =>
      await changeJobs(await load(engine, ids), (given) => deleteJobs(given, ids, unfit), unfit),
    deleteAll: () => deleteAll(engine),
    deleteDead: async (ids) => await changeJobs(await dead(ids), (given) => deleteDead(given, ids)),
    prune: (filter) => prune(hand, paths, filter),
    setPaused: async (paused) => {
      if (await engine.queue.isPaused() === paused) return false;
      await (paused ? engine.queue.pause() : engine.queue.resume());
      return true;
    },
    findLog: async (id, filter) => {
      const found = await findJob(engine, id);
      if (!found) throw noSuchJob(id);
      const run = findRun(found.job, filter)?.run;
      return run === undefined
        ? undefined
        : { run, log: logOf(engine, queueOf(engine, found), id, run) };
    },
    findWorkerLog: (id) => Promise.resolve(findWorkerLog(paths, id)),

    schedules: () => schedulesOf(engine),
    addSchedule: (added, options) => {
      checkPriority({ id: added.name, ...added.job });
      return schedule((given) => addSchedule(given, added, options));
    },
    removeSchedules: (names) => schedule((given) => removeSchedules(given, names)),
    pauseSchedules: (names, paused) => schedule((given) => pauseSchedules(given, names, paused)),
    fireSchedules: fire,

    config: () => settings.config(),
    setConfig: (key, value) => settings.set(key, value),
    unsetConfig: (key) => settings.unset(key),

    workers: () => workers(engine, clock()),
    stopWorkers: (ids, force) => stopWorkers(engine, ids, force, clock()),
    join: async (worker): Promise<Seat> => {
      makeRoom(paths, owner);
      const presence = Presence.take(
        paths,
        owner,
        worker,
        new Date(clock()).toISOString(),
      );
      return await BullSeat.join({
        hand,
        settings,
        paths,
        presence,
        worker,
        makeRun: makeId,
        random,
        onEnded: tellFinished,
      });
    },
    lostWorkers: (alive) => lostWorkers(hand, paths, alive),
    settleLost: async (run) => {
      const after = await settleLost(hand, (await settings.config()).complete, random, run);
      if (after) await tellFinished(await endDependents(hand, settings, after));
      return after;
    },
    requests: (ids) => requests(engine, ids),

    holdForMove: () => holdOnServer(engine, paths, owner, makeId),
    identity: () => identityOf(engine, makeId),
    takeOver: (jobs, { dryRun }) => takeOver(hand, jobs, dryRun),
    takeOverLog: (id, run, log) => takeOverLog(engine, id, run, log),
    handOver: (jobs) => handOver(hand, jobs),
    checkpoint: () => Promise.resolve(true),
    watch: (onChange) => watch(engine, onChange),
    watchForWork: (onChange) => watchForWork(engine, onChange),
    watchRequests: (onChange) => watchRequests(engine, onChange),
    close: () => engine.close(),
  };
  await checkServer(engine, warn);
  return asking(engine, verbs);
}

/** Every verb says it in the same words when the server does not answer. */
function asking(engine: Engine, verbs: Queue): Queue {
  const unguarded = new Set(["name", "watch", "watchForWork", "watchRequests", "close"]);
  const guarded = Object.entries(verbs).map(([name, verb]) => [
    name,
    unguarded.has(name)
      ? verb
      : (...given: readonly unknown[]): Promise<unknown> => engine.ask(() => verb(...given)),
  ]);
  return Object.fromEntries(guarded);
}

function makeRoom(paths: MachinePaths, owner: Owner | undefined): void {
  makePrivateDirectory(paths.directory, owner);
  Presence.makeRoom(paths, owner);
}

/** The name of the folder for what is left here by the workers of this queue. */
function folderOf({ server }: Engine): string {
  const { protocol, host, pathname } = new URL(server.url);
  const name = `${protocol}${host}${pathname}-${server.queue}`;
  return name.replace(/[^A-Za-z0-9.-]+/g, "_");
}
