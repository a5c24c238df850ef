import { messageOf, QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { Claim, ClaimedJob, NothingDue, RunKey, Seat } from "../model/seat.ts";
import type { Outcome } from "../model/transitions.ts";
import { pause } from "../timer.ts";
import { endOfRun, type WorkerEvent } from "./events.ts";
import { execute, type Running } from "./executor.ts";

/** What a worker is given from outside. */
interface WorkOptions {
  readonly seat: Seat;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Variables for every command. */
  readonly env: Readonly<Record<string, string>>;
  readonly onEvent: (event: WorkerEvent) => void;
  readonly onRest: (nothing: NothingDue) => void;
  /** Called from time to time while a command runs. */
  readonly onLook: () => void;
  /** What is run when a job has ended. */
  readonly afterwards: Afterwards;
}

/** What is run when a job has ended, before the next one. */
export interface Afterwards {
  /** Returns when all of it has been done. */
  done(): Promise<void>;
  /** Ends what is being done, and leaves the rest. */
  interrupt(): void;
}

/** A run that goes on. */
interface Current {
  readonly run: string;
  readonly running: Running;
}

/** A lease outlives two heartbeats that fail. */
const HEARTBEATS_PER_LEASE = 3;

/** What stops this program in order. */
const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"];

/** How long a signal to all processes may take to become a stop of this worker. */
const STOP_ARRIVES_MS = 250;

/** How long to wait before something is tried again that the disk or the lock refused. */
const TRY_AGAIN_MS = 1_000;

/** One worker: claims, executes, settles, rests; until it is told to stop. */
export class Work {
  readonly #options: WorkOptions;
  #stop: "no" | "finish" | "force" = "no";
  #current: Current | undefined;
  /** Runs that were cancelled before they began. */
  readonly #cancelledEarly = new Set<string>();
  #wake: () => void = () => {};

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  /** Claims the next job and runs it; when there is none, rests until it is woken. */
  async run(): Promise<void> {
    const { seat } = this.#options;
    this.#tell({ event: "started" });
    let claim: Claim | undefined;
    while (claim || this.#stop === "no") {
      if (!claim && !seat.isMember()) await this.#giveUp();
      claim ??= await this.#persist(() => seat.claim(), () => this.#stop === "no");
      if (claim?.kind === "job") claim = await this.#runJob(claim);
      else if (claim) claim = await this.#rest(claim);
    }
    this.#tell({ event: "stopped" });
  }

  async #rest(nothing: NothingDue): Promise<undefined> {
    const woken = new Promise<void>((resolve) => this.#wake = resolve);
    if (this.#stop !== "no") return;
    this.#options.onRest(nothing);
    await woken;
  }

  /**
   * Executes a claimed job and settles it.
   *
   * @returns the job that was claimed with it
   */
  async #runJob(claim: ClaimedJob): Promise<ClaimedJob | undefined> {
    const { job } = claim;
    const key: RunKey = { id: job.id, run: job.run! };
    const about = {
      job: job.id,
      attempt: job.attempts,
      attempts_max: job.max_retries + 1,
    };
    this.#tell({ event: "picked", ...about });
    const outcome = await this.#judge(await this.#carryOut(claim, key));
    const { seat } = this.#options;
    // Whoever has given it up may have ended the run, or kept it from beginning, and settles it.
    if (!isSuccess(outcome) && !seat.isMember()) {
      this.#tellEnd(job, undefined, outcome);
      await this.#giveUp();
    }
    const settled = await this.#persist(
      () => seat.settle(key, outcome, this.#stop === "no" && seat.isMember()),
      () => this.#stop !== "force",
    );
    if (!settled) return undefined;
    this.#tellEnd(job, settled.job, outcome);
    await this.#options.afterwards.done();
    return settled.next;
  }

  /**
   * Executes a claimed job, with a heartbeat if it takes long. Where this machine has not the means to
   * begin it, tries again and again: the job is not to blame.
   */
  async #carryOut(claim: ClaimedJob, key: RunKey): Promise<Outcome> {
    const heartbeat = this.#heartbeat(claim);
    for (let last = "";;) {
      const running: Running = this.#execute(claim, () => {
        this.#options.onLook();
        if (heartbeat()) this.#renew(running, key);
      });
      this.#current = { run: key.run, running };
      if (this.#stop === "force" || this.#cancelledEarly.delete(key.run)) running.interrupt();
      const outcome = await running.outcome;
      this.#current = undefined;
      if (outcome.kind !== "shortage") return outcome;
      if (outcome.reason !== last) this.#tell({ event: "waiting", error: outcome.reason });
      last = outcome.reason;
      await pause(TRY_AGAIN_MS);
      const isOver = this.#stop !== "no" || this.#cancelledEarly.delete(key.run) ||
        (heartbeat() && !await this.#isOurs(key));
      if (isOver) return { kind: "interrupted" };
    }
  }

  /**
   * A signal that stops this program may have gone to all its processes: SIGTERM (`timeout`, a service
   * manager), or a Ctrl-C that a run's shell did not ignore yet. Then the command was not to blame.
   * The stop may arrive here a little later.
   */
  async #judge(outcome: Outcome): Promise<Outcome> {
    if (outcome.kind !== "signalled" || !STOP_SIGNALS.includes(outcome.signal)) return outcome;
    if (this.#stop === "no") await pause(STOP_ARRIVES_MS);
    return this.#stop === "no" ? outcome : { kind: "interrupted" };
  }

  /** True whenever it is time to prolong the lease again. */
  #heartbeat({ config }: ClaimedJob): () => boolean {
    const every = config.lease_seconds * 1000 / HEARTBEATS_PER_LEASE;
    let last = performance.now();
    return () => {
      if (performance.now() - last < every) return false;
      last = performance.now();
      return true;
    };
  }

  #execute({ job, gate, log, config }: ClaimedJob, onLook: () => void): Running {
    return execute({
      run: job.run!,
      command: job.command,
      cwd: job.cwd,
      env: {
        ...this.#options.env,
        ...job.env,
        QUEUECTL_JOB: job.id,
        QUEUECTL_ATTEMPT: String(job.attempts),
      },
      gate,
      log,
      logLimitBytes: config.log_limit_bytes,
      timeoutSeconds: job.timeout_seconds ?? config.job_timeout_seconds,
      onLook,
    });
  }

  /** Prolongs the lease; a run that is not ours any more is ended. */
  async #renew(running: Running, key: RunKey): Promise<void> {
    if (!await this.#isOurs(key)) running.interrupt();
  }

  /** Prolongs the lease; false if the run is not ours any more. */
  async #isOurs(key: RunKey): Promise<boolean> {
    try {
      return await this.#options.seat.renew(key);
    } catch (error) {
      // The lease is three heartbeats long: there is time for another try.
      this.#tell({ event: "waiting", error: messageOf(error) });
      return true;
    }
  }

  /**
   * Tries again for as long as a full disk or a held lock refuses; what cannot be understood is
   * for people to mend.
   *
   * @param isWanted asked before each further try
   * @returns undefined if it was not wanted any more
   */
  async #persist<T>(work: () => Promise<T>, isWanted: () => boolean): Promise<T | undefined> {
    for (let last = "";;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof QueueError) || error.code === "corrupt") throw error;
        if (error.message !== last) this.#tell({ event: "waiting", error: error.message });
        last = error.message;
      }
      await pause(TRY_AGAIN_MS);
      if (!isWanted()) return undefined;
    }
  }

  /** This worker was frozen so long that its run was given to another: it must begin anew, under another name. */
  async #giveUp(): Promise<never> {
    await this.#options.seat.leave();
    throw new QueueError("conflict", "given up for dead by others, as its lease had expired");
  }

  #tellEnd(before: Job, after: Job | undefined, outcome: Outcome): void {
    const { seat, clock, onEvent } = this.#options;
    const time = new Date(clock()).toISOString();
    onEvent(endOfRun(seat.id, before, after, outcome, time));
  }

  #tell(event: Omit<WorkerEvent, "time" | "worker">): void {
    const { seat, clock, onEvent } = this.#options;
    onEvent({ time: new Date(clock()).toISOString(), worker: seat.id, ...event });
  }

  /** Looks for a job now. */
  wake(): void {
    this.#wake();
  }

  /** Claims nothing more; with force, ends the run, and its job goes back. */
  stop(force: boolean): void {
    if (force) this.#stop = "force";
    else if (this.#stop === "no") this.#stop = "finish";
    if (force) {
      this.#current?.running.interrupt();
      this.#options.afterwards.interrupt();
    }
    this.#wake();
  }

  /** Ends this run, which goes on, or is about to begin: its job was cancelled. */
  cancel(run: string): void {
    if (this.#current?.run === run) this.#current.running.interrupt();
    else this.#cancelledEarly.add(run);
  }
}

function isSuccess(outcome: Outcome): boolean {
  return outcome.kind === "exited" && outcome.exit_code === 0;
}
