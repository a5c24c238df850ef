/** A worker's place in a queue: what it takes, what it gives back, and what it leaves behind. */
import type { Config } from "./config.ts";
import type { Job } from "./job.ts";
import type { Outcome } from "./transitions.ts";

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

/** What someone asks of a worker from outside. */
export type WorkerRequest =
  | {
    readonly kind: "stop";
    readonly worker: string;
    readonly force: boolean;
    /** True if all workers are asked, and so those too that are about to come. */
    readonly all: boolean;
  }
  | { readonly kind: "cancel"; readonly worker: string; readonly run: string };
