/**
 * The queue on JSON files: every verb, loaded when it is first called: `enqueue` must start fast.
 */
import type { ConfigKey } from "../model/config.ts";
import { messageOf } from "../model/errors.ts";
import { idMaker } from "../model/job.ts";
import { forgetMove } from "../model/move_hold.ts";
import type { Queue, Watch } from "../model/queue.ts";
import { checkpoint, isWorthCheckpoint } from "./checkpoint.ts";
import { readConfig } from "./config_file.ts";
import { enqueue } from "./enqueue.ts";
import { isThere, makePrivateDirectory } from "../machine/io.ts";
import type { LostWorkers } from "./lost_workers.ts";
import { Store, type StoreOptions } from "./store.ts";
import { watch } from "./watch.ts";

/** Requests to workers are rare, and watched for: how many times less often than jobs they are polled. */
const REQUEST_POLLS = 4;

/**
 * Opens the queue in a directory.
 *
 * @param checkpointOnClose false leaves what was written in the journal
 */
export async function openFilesQueue(
  directory: string,
  environment: StoreOptions,
  checkpointOnClose = true,
): Promise<Queue> {
  const store = await Store.open(directory, environment);
  const { paths } = store;
  const makeId = idMaker(environment.clock, environment.random);
  let lost: LostWorkers | undefined;

  let everything: Promise<Store> | undefined;

  /** The same queue with every job in memory, for what cannot be told otherwise. */
  const whole = async (): Promise<Store> => {
    if (store.records.keep === "all") return store;
    everything ??= Store.open(directory, { ...environment, keep: "all" }).catch((error) => {
      // The next one tries again.
      everything = undefined;
      throw error;
    });
    const known = await everything;
    await known.refresh();
    return known;
  };

  const isWorthIt = (): boolean => {
    const { snapshotBytes, journaled, written } = store;
    return isWorthCheckpoint({ snapshots: snapshotBytes, journal: journaled, written });
  };

  const pollMs = (): number => store.freshConfig().poll_interval_ms;

  const watchJobs = (onChange: () => void): Watch => {
    const polled = [paths.journal, paths.config];
    return watch(paths.directory, polled, pollMs, onChange);
  };

  return {
    name: directory,
    loadVerbs: async () => void await import("./every_verb.ts"),
    enqueue: async (jobs, { ifAbsent }) => await enqueue(await whole(), jobs, { ifAbsent, makeId }),
    list: async (filter) => {
      await store.refresh();
      const { canList, list } = await import("../rules/list.ts");
      const known = canList(store.records, filter) ? store : await whole();
      return list(known.records, filter);
    },
    resolve: async (words) => {
      await store.refresh();
      const { records } = await whole();
      return words.map((word) => records.resolve(word));
    },
    get: async (ids) => {
      await store.refresh();
      const { records } = await whole();
      return ids.map((id) => records.find(id));
    },
    status: async () => {
      await store.refresh();
      const { canTellStatus, status } = await import("../rules/status.ts");
      const { workers } = await import("./workers.ts");
      const known = canTellStatus(store.records) ? store : await whole();
      return {
        ...status(known.records, environment.clock()),
        workers: workers(known.records, paths),
      };
    },
    metrics: async () => {
      await store.refresh();
      const { metrics } = await import("../rules/metrics.ts");
      return metrics((await whole()).records, environment.clock());
    },
    lastHour: async () => {
      await store.refresh();
      const { lastHour } = await import("../rules/metrics.ts");
      return lastHour((await whole()).records, environment.clock());
    },
    retry: async (ids, options, unfit) => {
      const { retry } = await import("../rules/retry.ts");
      return await (await whole()).transact((view) => retry(view, ids, options, unfit));
    },
    retryDead: async (ids, { withDependents }) => {
      const { retryDead } = await import("../rules/retry.ts");
      return await (await whole()).transact((view) => retryDead(view, ids, withDependents));
    },
    edit: async (ids, change) => {
      const { edit } = await import("../rules/edit.ts");
      return await (await whole()).transact((view) => edit(view, ids, change));
    },
    cancel: async (ids, unfit) => {
      const { cancel } = await import("./cancel.ts");
      return await cancel(await whole(), ids, unfit);
    },
    delete: async (ids, unfit) => {
      const { deleteJobs } = await import("../rules/delete.ts");
      const { dropJobs } = await import("./run_logs.ts");
      return await dropJobs(await whole(), (view) => deleteJobs(view, ids, unfit));
    },
    deleteAll: async () => {
      const { deleteAll } = await import("../rules/delete.ts");
      const { dropJobs } = await import("./run_logs.ts");
      return await dropJobs(await whole(), deleteAll);
    },
    deleteDead: async (ids) => {
      const { deleteDead } = await import("../rules/delete.ts");
      const { dropJobs } = await import("./run_logs.ts");
      return await dropJobs(await whole(), (view) => deleteDead(view, ids));
    },
    prune: async (filter) => {
      const { prune } = await import("./prune.ts");
      const jobs = await prune(await whole(), filter);
      // Who prunes some at a time goes on for long: what it has read for that is let go with the last.
      if (filter.limit !== undefined && jobs.length < filter.limit) {
        (await everything)?.close();
        everything = undefined;
      }
      return jobs;
    },
    setPaused: async (paused, by = "people") => {
      const { setPaused } = await import("../rules/pause.ts");
      if (!paused && by === "people") {
        const { holdForMove, isBeingMoved } = await import("../machine/move_hold.ts");
        if (isBeingMoved(paths)) await forgetMove(holdForMove(paths, store.owner, directory));
      }
      return await store.transact((view) => setPaused(view, paused));
    },
    findLog: async (id, filter) => {
      await store.refresh();
      const { findLog } = await import("./run_logs.ts");
      return findLog((await whole()).records, paths, id, filter);
    },
    findWorkerLog: async (id) => {
      const { findWorkerLog } = await import("../machine/worker_logs.ts");
      return findWorkerLog(paths, id);
    },

    schedules: async () => {
      await store.refresh();
      return [...store.records.schedules.values()];
    },
    addSchedule: async (schedule, options) => {
      const { addSchedule } = await import("../rules/schedules.ts");
      return await store.transact((view) => addSchedule(view, schedule, options));
    },
    removeSchedules: async (names) => {
      const { removeSchedules } = await import("../rules/schedules.ts");
      return await store.transact((view) => removeSchedules(view, names));
    },
    pauseSchedules: async (names, paused) => {
      const { pauseSchedules } = await import("../rules/schedules.ts");
      return await store.transact((view) => pauseSchedules(view, names, paused));
    },
    fireSchedules: async () => {
      await store.refresh();
      if (store.records.schedules.size === 0) return [];
      const { fireInFiles } = await import("./fire_schedules.ts");
      return await fireInFiles(directory, store);
    },

    config: () => Promise.resolve(readConfig(paths.config)),
    setConfig: async (key: ConfigKey, value) => {
      const { changeConfig } = await import("./config.ts");
      await changeConfig(store, key, value);
    },
    unsetConfig: async (key: ConfigKey) => {
      const { changeConfig } = await import("./config.ts");
      await changeConfig(store, key, undefined);
    },

    workers: async () => {
      await store.refresh();
      const { workers } = await import("./workers.ts");
      return workers(store.records, paths);
    },
    stopWorkers: async (ids, force) => {
      const { stopWorkers } = await import("./stop_workers.ts");
      return stopWorkers(store, ids, force);
    },
    join: async (worker) => (await import("./join.ts")).join(store, worker, makeId),
    lostWorkers: async (alive) => {
      await store.refresh();
      const { LostWorkers } = await import("./lost_workers.ts");
      lost ??= new LostWorkers(store, () => performance.now());
      return lost.find(alive);
    },
    settleLost: async (run) => {
      const { settle } = await import("../rules/settle.ts");
      const { endRuns } = await import("./end_runs.ts");
      return await endRuns(
        store,
        [run.id],
        (view) => settle(view, run, { kind: "worker_lost" }),
        (job) => job ? [job] : [],
      );
    },
    requests: async (ids) => (await import("./requests.ts")).requests(paths, ids),

    holdForMove: async () => {
      const { holdForMove } = await import("../machine/move_hold.ts");
      return holdForMove(paths, store.owner, directory);
    },
    identity: async () => (await import("./take_over.ts")).identityOf(paths),
    takeOver: async (jobs, { dryRun }) =>
      await (await import("./take_over.ts")).takeOver(await whole(), jobs, dryRun),
    takeOverLog: async (id, run, log) =>
      (await import("./take_over.ts")).takeOverLog(store, id, run, log),
    handOver: async (jobs) => (await import("./take_over.ts")).handOver(await whole(), jobs),

    checkpoint: async (contention) => {
      if (await checkpoint(store, contention)) return true;
      // The files may have been replaced while they were read: the second time finds the new ones.
      return contention === "wait" && await checkpoint(store, contention);
    },
    watch: watchJobs,
    watchForWork: watchJobs,
    watchRequests: (onChange) => {
      if (isThere(paths.directory)) makePrivateDirectory(paths.workers, store.owner);
      // A request that could not be heeded, for want of a file handle, say, is looked for again.
      return watch(paths.workers, undefined, () => REQUEST_POLLS * pollMs(), onChange);
    },
    close: async () => {
      try {
        if (checkpointOnClose && store.written > 0 && isWorthIt()) await checkpoint(store, "wait");
      } catch (error) {
        const what = "done, but jobs.json could not be brought up to date";
        environment.warn(`${what}: ${messageOf(error)}`);
      } finally {
        store.close();
        (await everything?.catch(() => undefined))?.close();
      }
    },
  };
}
