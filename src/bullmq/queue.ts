/** The queue on BullMQ: every verb. */
import { ownerFor } from "../machine/io.ts";
import { findWorkerLog } from "../machine/worker_logs.ts";
import { machinePathsOf } from "../machine/paths.ts";
import { Presence } from "../machine/presence.ts";
import type { Environment } from "../model/environment.ts";
import { noSuchJob } from "../model/errors.ts";
import { idMaker } from "../model/job.ts";
import { forgetMove } from "../model/move_hold.ts";
import type { Queue } from "../model/queue.ts";
import type { Seat } from "../model/seat.ts";
import { deleteDead, deleteJobs } from "../rules/delete.ts";
import { edit } from "../rules/edit.ts";
import { findRun } from "../rules/find_run.ts";
import { lastHour, metrics } from "../rules/metrics.ts";
import { retry, retryDead } from "../rules/retry.ts";
import { addSchedule, pauseSchedules, removeSchedules } from "../rules/schedules.ts";
import { cancelWaiting } from "./cancel.ts";
import { checkPriority } from "./carry_out.ts";
import { Changes, makeRoom } from "./changes.ts";
import { deleteAll } from "./delete_all.ts";
import { endDependents } from "./end_dependents.ts";
import { enqueue } from "./enqueue.ts";
import { Engine } from "./engine.ts";
import type { Hand } from "./hand.ts";
import {
  findAll,
  findJob,
  findMeant,
  load,
  loadAll,
  type LoadedJobs,
  queueOf,
  readPlace,
  readShelf,
  recordsOf,
} from "./jobs.ts";
import { identityOf } from "./identity.ts";
import { countJobs, listJobs } from "./list.ts";
import { lostWorkers, settleLost } from "./lost_workers.ts";
import { holdOnServer, isBeingMoved } from "./move_hold.ts";
import { QUEUE_NOTES } from "./notes.ts";
import { prune } from "./prune.ts";
import { requests, watchRequests } from "./requests.ts";
import { logOf } from "./run_log.ts";
import { BullSeat } from "./seat.ts";
import { checkServer } from "./server_check.ts";
import { changeSchedules, fireOnServer, schedulesOf } from "./schedules.ts";
import { Settings } from "./settings.ts";
import { handOver, takeOver, takeOverLog } from "./take_over.ts";
import { watch } from "./watch.ts";
import { watchForWork } from "./watch_for_work.ts";
import { stopWorkers, workers } from "./workers.ts";

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

  const changes = new Changes({ hand, settings, environment, paths, owner });

  const dead = async (ids: readonly string[] | undefined): Promise<LoadedJobs> => {
    if (ids) return await load(engine, ids);
    const all = [...await readPlace(engine, "failed"), ...await readShelf(engine, "dead")];
    return await load(engine, all.map(({ job }) => job.id));
  };

  const verbs: Queue = {
    name: engine.name,
    loadVerbs: () => Promise.resolve(),
    enqueue: async (jobs, { ifAbsent }) =>
      await enqueue(hand, await changes.view(), jobs, { ifAbsent, makeId }),
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
      await changes.jobs(
        await load(engine, ids),
        (given) => retry(given, ids, options, unfit),
        unfit,
      ),
    retryDead: async (ids, { withDependents }) =>
      await changes.jobs(await dead(ids), (given) => retryDead(given, ids, withDependents)),
    edit: async (ids, change) => {
      const named = [...ids, ...change.depends_on ?? []];
      return (await changes.transact(
        await load(engine, named),
        (given) => edit(given, ids, change),
      ))
        .result;
    },
    cancel: async (ids, unfit) => {
      const loaded = await load(engine, ids);
      const { result: { jobs, buried }, isDone } = await changes.transact(
        loaded,
        (given) => cancelWaiting(given, loaded, ids, unfit),
        unfit,
      );
      const isBuried = (id: string): boolean => isDone(loaded.records.get(id)!);
      return { jobs: jobs.filter(isDone), buried: buried.filter(isBuried) };
    },
    delete: async (ids, unfit) =>
      await changes.jobs(await load(engine, ids), (given) => deleteJobs(given, ids, unfit), unfit),
    deleteAll: () => deleteAll(engine),
    deleteDead: async (ids) =>
      await changes.jobs(await dead(ids), (given) => deleteDead(given, ids)),
    prune: (filter) => prune(hand, paths, filter),
    setPaused: async (paused, by = "people") => {
      if (!paused && by === "people" && isBeingMoved(await engine.notes(QUEUE_NOTES).all())) {
        await forgetMove(await holdOnServer(engine, paths, owner, makeId));
      }
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
      return changeSchedules(changes, (given) => addSchedule(given, added, options));
    },
    removeSchedules: (names) => changeSchedules(changes, (given) => removeSchedules(given, names)),
    pauseSchedules: (names, paused) =>
      changeSchedules(changes, (given) => pauseSchedules(given, names, paused)),
    fireSchedules: () => fireOnServer(changes),

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
        onEnded: (jobs) => changes.tellFinished(jobs),
      });
    },
    lostWorkers: (alive) => lostWorkers(hand, paths, alive),
    settleLost: async (run) => {
      const after = await settleLost(hand, (await settings.config()).complete, random, run);
      if (after) await changes.tellFinished(await endDependents(hand, settings, after));
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
  try {
    await checkServer(engine, warn);
  } catch (error) {
    await engine.close();
    throw error;
  }
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

/** The name of the folder for what is left here by the workers of this queue. */
function folderOf({ server }: Engine): string {
  const { protocol, host, pathname } = new URL(server.url);
  const name = `${protocol}${host}${pathname}-${server.queue}`;
  return name.replace(/[^A-Za-z0-9.-]+/g, "_");
}
