/** Everything that can happen to a queue, whatever keeps it. */
import type { Config, ConfigKey } from "./config.ts";
import type { Job, NewJob, State } from "./job.ts";
import type { Outcome } from "./transitions.ts";

/** What `enqueue` did. */
export interface Enqueued {
  /** The ids, in the order given; with `ifAbsent`, those that were there already too. */
  readonly ids: readonly string[];
  /** False if the jobs are recorded but the disk did not confirm it: a power cut might lose them. */
  readonly confirmed: boolean;
}

/** Which jobs to list; everything that is given must hold. */
export interface ListFilter {
  readonly states?: readonly State[];
  readonly tags?: readonly string[];
  /** At most so many, the newest first. */
  readonly limit?: number;
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** How many there are without the limit. */
  readonly total: number;
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

/** What a claim gives: a job, or when to ask again. */
export type Claim = ClaimedJob | NothingDue;

export interface ClaimedJob {
  readonly kind: "job";
  readonly job: Job;
  /** The run may begin only while this file is there. */
  readonly gate: string;
  /** Where the run's output goes. */
  readonly log: string;
  readonly config: Config;
}

export interface NothingDue {
  readonly kind: "nothing";
  /** When the next job falls due, milliseconds since 1970; undefined when none will by itself. */
  readonly nextDue: number | undefined;
  /** Jobs that wait or run, anywhere. */
  readonly unfinished: number;
  readonly paused: boolean;
}

/** One run of one job: what fences off everything that comes too late. */
export interface RunKey {
  readonly id: string;
  readonly run: string;
}

/** A worker that died and what it left; its liveness lock is held until `release`. */
export interface LostWorker {
  readonly id: string;
  /** True if its processes could be on this machine, to be ended by pid. */
  readonly local: boolean;
  readonly runs: readonly Job[];
  /** From here on no run of this worker can start a command. */
  closeGate(): void;
  /** Removes what is left of the worker. */
  forget(): Promise<void>;
  /** Frees its lock: another finder may try. */
  release(): void;
}

/** What became of a run, and what is next. */
export interface Settled {
  /** Undefined if the run was not this worker's any more: then nothing was recorded. */
  readonly job: Job | undefined;
  /** The next job, if one was taken. */
  readonly next: ClaimedJob | undefined;
}

/** A worker's place in the queue, from its start to its end. */
export interface Seat {
  readonly id: string;
  /** Takes the next due job, or says when to ask again. */
  claim(): Promise<Claim>;
  /**
   * Records how a run ended and, unless the worker is to stop, takes the next job with it: what
   * is done together costs one transaction instead of two.
   */
  settle(run: RunKey, outcome: Outcome, claimNext: boolean): Promise<Settled>;
  /** Prolongs the lease of a long run; false if the run is not this worker's any more. */
  renew(run: RunKey): Promise<boolean>;
  /** False once somebody has given this worker up for dead: its runs are not its own any more. */
  isMember(): boolean;
  /** Appends to the worker's own log. */
  log(text: string): void;
  /** Gives the place up. */
  leave(): Promise<void>;
}

/** What someone asks of a worker from outside. */
export type WorkerRequest =
  | { readonly kind: "stop"; readonly worker: string; readonly force: boolean }
  | { readonly kind: "cancel"; readonly worker: string; readonly run: string };

/** The output of one run. */
export interface RunLog {
  readonly run: string;
  readonly path: string;
  readonly job: Job;
}

/** The settings that are stored, and all of them with the defaults filled in. */
export interface StoredConfig {
  readonly stored: Partial<Config>;
  readonly complete: Config;
}

/** Something wrong with a file, and what a repair would do about it. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; null where it is not about a line. */
  readonly line: number | null;
  readonly what: string;
  readonly repair: string;
}

/** What was found when the files were looked at. */
export interface Examination {
  readonly problems: readonly Problem[];
  /** Mends what can be mended; returns where the originals are kept, empty if nothing was changed. */
  repair(): Promise<string>;
}

/** A watch that goes on until it is closed. */
export interface Watch {
  close(): void;
}

export interface Queue {
  /** Where it is kept, for people. */
  readonly location: string;

  enqueue(jobs: readonly NewJob[], options: { readonly ifAbsent: boolean }): Promise<Enqueued>;
  list(filter: ListFilter): Promise<JobPage>;
  /** Full ids for ids that may be shortened to a unique beginning; all or none. */
  resolve(ids: readonly string[]): Promise<readonly Job[]>;
  status(): Promise<Status>;
  /** A failed job is due now, a dead or cancelled one starts from zero. */
  retry(ids: readonly string[]): Promise<readonly Job[]>;
  /** As `retry`, but only for jobs in the DLQ; without ids, all of them. */
  retryDead(ids: readonly string[] | undefined): Promise<readonly Job[]>;
  /** Waiting jobs never run, running ones are ended with all their processes. */
  cancel(ids: readonly string[]): Promise<readonly Job[]>;
  /** Jobs that do not run are gone, with their history. */
  delete(ids: readonly string[]): Promise<readonly Job[]>;
  /** As `delete`, but only for jobs in the DLQ; without ids, all of them. */
  deleteDead(ids: readonly string[] | undefined): Promise<readonly Job[]>;
  /** Nothing new is started until it is resumed; false if it was so already. */
  setPaused(paused: boolean): Promise<boolean>;
  /** The logs of a job's run: the one with this attempt number, or the last. */
  findLog(id: string, attempt: number | undefined): Promise<RunLog | undefined>;

  config(): Promise<StoredConfig>;
  setConfig(key: ConfigKey, value: number): Promise<void>;
  unsetConfig(key: ConfigKey): Promise<void>;

  workers(): Promise<readonly WorkerInfo[]>;
  /** Asks workers to stop; returns the ids of those asked. */
  stopWorkers(ids: readonly string[] | undefined, force: boolean): Promise<readonly string[]>;
  /** Takes a place as a worker under this id. */
  join(worker: string): Promise<Seat>;
  /** Workers that died without leaving, each held against other finders. */
  lostWorkers(): Promise<readonly LostWorker[]>;
  /** Records the end of a run that its own worker cannot record any more. */
  settleLost(run: RunKey): Promise<Job | undefined>;
  /** What is asked of these workers; a stop is repeated until the worker leaves. */
  requests(workers: readonly string[]): readonly WorkerRequest[];

  /** Brings the JSON files up to date; false if another process is at it and is not waited for. */
  checkpoint(contention: "wait" | "skip"): Promise<boolean>;
  /** Calls back when jobs or settings may have changed; what the watch misses is found by polling. */
  watch(onChange: () => void): Watch;
  /** The same for the requests to workers. */
  watchRequests(onChange: () => void): Watch;
  close(): Promise<void>;
}
