/** Everything that can happen to a queue, whatever keeps it. */
import type { Config, ConfigKey, ConfigValue } from "./config.ts";
import type { Job, NewJob, State } from "./job.ts";
import type { JobPage, ListFilter } from "./listing.ts";
import type { Log, RunFilter, RunLog, WorkerLog } from "./log.ts";
import type { Metrics, Minute } from "./metrics.ts";
import type { MoveHold } from "./move_hold.ts";
import type { NewSchedule, Schedule } from "./schedule.ts";
import type { LostWorker, RunKey, Seat, WorkerRequest } from "./seat.ts";
import type { JobEdit } from "./transitions.ts";

/** What `enqueue` did. */
export interface Enqueued {
  /** The ids, in the order given; with `ifAbsent`, those that were there already too. */
  readonly ids: readonly string[];
  /** False if the jobs are recorded but the disk did not confirm it: a power cut might lose them. */
  readonly confirmed: boolean;
}

/** What `cancel` did. */
export interface Cancelled {
  /** The jobs as they were. */
  readonly jobs: readonly Job[];
  /** The ids of jobs that waited for them, and can never run now. */
  readonly buried: readonly string[];
}

/**
 * What becomes of named jobs to which a verb cannot be done: nothing is done at all (as if this is
 * absent), or they are left as they are, also those that are gone.
 */
export type Unfit = "refuse" | "leave";

/** How to retry. */
export interface RetryOptions {
  /** Completed jobs too. */
  readonly force: boolean;
  /** The dead jobs that depend on them come too, and those that depend on these. */
  readonly withDependents: boolean;
}

/** Which ended jobs to remove; everything that is given must hold. */
export interface PruneFilter {
  readonly states: readonly State[];
  readonly tags?: readonly string[];
  /** Milliseconds since 1970. */
  readonly endedBefore: number;
  /** The logs of workers that left before then go too. */
  readonly workerLogs: boolean;
  /** The most jobs that are removed. */
  readonly limit?: number;
  /** Only say which. */
  readonly dryRun: boolean;
}

/** A worker as others see it. */
export interface WorkerInfo {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly started_at: string;
  readonly alive: boolean;
  readonly stopping: boolean;
  readonly job: string | null;
  readonly job_started_at: string | null;
}

export interface Status {
  readonly paused: boolean;
  readonly counts: Readonly<Record<State, number>>;
  /** The job that could have started longest ago and has not. */
  readonly oldest_waiting: { readonly id: string; readonly since: string } | null;
  readonly workers: readonly WorkerInfo[];
}

/** Jobs that have just ended, and the command that is to be run for each. */
export interface Finished {
  readonly jobs: readonly Job[];
  readonly command: string;
  /** The command may begin only while this is there. */
  readonly gate: string;
  /** Where its output goes. */
  readonly log: string;
  readonly logLimitBytes: number;
}

/** The settings that are stored, and all of them with the defaults filled in. */
export interface StoredConfig {
  readonly stored: Partial<Config>;
  readonly complete: Config;
}

export interface AddScheduleOptions {
  /** Take the place of one with its name. */
  readonly replace: boolean;
  /** Its next occurrence, as another queue had it; from now on if absent. */
  readonly next_run?: string | null;
}

/** A watch that goes on until it is closed. */
export interface Watch {
  /** Calls back no more. Returns when the system watches no more; a server is not waited for. */
  close(): Promise<void>;
}

export interface Queue {
  /** Where it is kept, for people: a directory, or a URL without its password. */
  readonly name: string;
  /**
   * Loads what the verbs need now, not at their first call: for who goes on while the program's files
   * may be replaced by those of another version.
   */
  loadVerbs(): Promise<void>;

  enqueue(jobs: readonly NewJob[], options: { readonly ifAbsent: boolean }): Promise<Enqueued>;
  list(filter: ListFilter): Promise<JobPage>;
  /**
   * The jobs that people mean, all or none: a word is an id or a beginning that only one job's id has.
   * All else takes whole ids, lest one whose job is gone meanwhile be taken for another's beginning.
   */
  resolve(words: readonly string[]): Promise<readonly Job[]>;
  /** The jobs with these ids, all or none. */
  get(ids: readonly string[]): Promise<readonly Job[]>;
  status(): Promise<Status>;
  metrics(): Promise<Metrics>;
  /** The last sixty minutes, the one that goes on last. */
  lastHour(): Promise<readonly Minute[]>;
  /** A failed job is due now, a dead or cancelled one starts from zero; with force, a completed one too. */
  retry(ids: readonly string[], options: RetryOptions, unfit?: Unfit): Promise<readonly Job[]>;
  /** As `retry`, but only for jobs in the DLQ; without ids, all that do not depend on a cancelled one. */
  retryDead(
    ids: readonly string[] | undefined,
    options: { readonly withDependents: boolean },
  ): Promise<readonly Job[]>;
  /** Jobs that wait, or could be retried, get other fields. */
  edit(ids: readonly string[], change: JobEdit): Promise<readonly Job[]>;
  /** Waiting jobs never run, running ones are ended with all their processes. */
  cancel(ids: readonly string[], unfit?: Unfit): Promise<Cancelled>;
  /** Jobs that do not run are gone, with their history. */
  delete(ids: readonly string[], unfit?: Unfit): Promise<readonly Job[]>;
  /** Every job is gone; refused while one runs. */
  deleteAll(): Promise<readonly Job[]>;
  /** Ended jobs are gone, with their logs. */
  prune(filter: PruneFilter): Promise<readonly Job[]>;
  /** As `delete`, but only for jobs in the DLQ; without ids, all of them. */
  deleteDead(ids: readonly string[] | undefined): Promise<readonly Job[]>;
  /**
   * Nothing new is started until it is resumed; false if it was so already. Who resumes after a move that
   * was cut off ends that too: schedules fire again.
   *
   * @param by whom; while a queue is moved people cannot resume it
   * @throws {QueueError} `conflict` if it is being moved
   */
  setPaused(paused: boolean, by?: "people" | "move"): Promise<boolean>;
  /** The log of a job's run: of those that fit, the last; undefined if it has not run yet. */
  findLog(id: string, filter: RunFilter): Promise<RunLog | undefined>;
  /** The log of a worker that runs or has run. */
  findWorkerLog(id: string): Promise<WorkerLog>;

  schedules(): Promise<readonly Schedule[]>;
  addSchedule(schedule: NewSchedule, options: AddScheduleOptions): Promise<Schedule>;
  removeSchedules(names: readonly string[]): Promise<readonly Schedule[]>;
  pauseSchedules(names: readonly string[], paused: boolean): Promise<readonly Schedule[]>;
  /** Enqueues the jobs of the occurrences that have come; returns their ids. */
  fireSchedules(): Promise<readonly string[]>;

  config(): Promise<StoredConfig>;
  setConfig(key: ConfigKey, value: ConfigValue): Promise<void>;
  unsetConfig(key: ConfigKey): Promise<void>;

  workers(): Promise<readonly WorkerInfo[]>;
  /** Asks workers to stop; returns the ids of those asked. */
  stopWorkers(ids: readonly string[] | undefined, force: boolean): Promise<readonly string[]>;
  /** Takes a place as a worker under this id. */
  join(worker: string): Promise<Seat>;
  /**
   * Workers that died without leaving, each held against other finders.
   *
   * @param alive ids of workers that are known to live
   */
  lostWorkers(alive: readonly string[]): Promise<readonly LostWorker[]>;
  /** Records the end of a run that its own worker cannot record any more. */
  settleLost(run: RunKey): Promise<Job | undefined>;
  /** What is asked of these workers; a stop is repeated until the worker leaves. */
  requests(workers: readonly string[]): Promise<readonly WorkerRequest[]>;

  /** @throws {QueueError} `conflict` if somebody else holds it */
  holdForMove(): Promise<MoveHold>;
  /** Two with one identity are one queue, however they were named. */
  identity(): Promise<string>;
  /**
   * Takes over whole records, with their states and histories, as another queue has them. Those that
   * were taken over before, and have not changed since, are left as they are: so it can be repeated.
   *
   * @param dryRun only look whether that can be done
   */
  takeOver(jobs: readonly Job[], options: { readonly dryRun: boolean }): Promise<void>;
  /** Takes over what a run of such a job has printed; nothing if it is here already. */
  takeOverLog(id: string, run: string, log: Log): Promise<void>;
  /**
   * Jobs that another queue has taken over are gone from here, with their logs; those that have
   * changed since stay.
   *
   * @returns the ids of those that were gone already
   */
  handOver(jobs: readonly Job[]): Promise<readonly string[]>;

  /**
   * Brings the JSON files up to date; false if another process is at it and is not waited for, or
   * replaces them again and again.
   */
  checkpoint(contention: "wait" | "skip"): Promise<boolean>;
  /** Calls back when jobs or settings may have changed; what the watch misses is found by polling. */
  watch(onChange: () => void): Watch;
  /** The same for workers that have nothing to do: when there may be a job to claim. */
  watchForWork(onChange: () => void): Watch;
  /** The same for the requests to workers. */
  watchRequests(onChange: () => void): Watch;
  close(): Promise<void>;
}
