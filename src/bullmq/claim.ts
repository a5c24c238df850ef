/**
 * How a worker gets a job of BullMQ: the engine gives one out, and then it is seen whether it is its
 * turn.
 *
 * Promise: what the engine has given to this worker is not forgotten; if something about it cannot be
 * asked just now, the next claim goes on with it.
 */
import { Job as EngineJob } from "bullmq";
import type { Config } from "../model/config.ts";
import { isEnded, type Job } from "../model/job.ts";
import type { NothingDue } from "../model/seat.ts";
import { claimed, leaseEnd } from "../model/transitions.ts";
import { buryIfHopeless } from "../rules/bury_dependents.ts";
import { waitedSeconds } from "../rules/due_since.ts";
import type { Records } from "../rules/records.ts";
import { isMet } from "../rules/waiting_line.ts";
import { putOffFor } from "./dependents.ts";
import { endIfCancelled } from "./end.ts";
import { endDependents } from "./end_dependents.ts";
import { type EngineWorker, isRefusal } from "./engine.ts";
import type { Hand } from "./hand.ts";
import { countAt, UNFINISHED } from "./jobs.ts";
import { holderOf, recordBefore, type StoredJob } from "./record.ts";
import { type Ended, recordEnd } from "./record_end.ts";
import type { Settings } from "./settings.ts";
import { dependenciesOf, endedWithoutRun } from "./turn.ts";

/** What claiming needs. */
export interface ClaimOptions {
  readonly hand: Hand;
  readonly settings: Settings;
  readonly worker: string;
  readonly makeRun: () => string;
  readonly random: () => number;
  /** Told of jobs that have ended. */
  readonly onEnded: (jobs: readonly Job[]) => Promise<void>;
}

/** A job whose run may begin. */
export interface Begun {
  readonly kind: "begun";
  readonly stored: StoredJob;
  readonly job: Job;
  readonly before: Job;
  readonly config: Config;
}

/** A job that the engine has given to this worker, and the run that it was noted under. */
interface TakenJob {
  readonly stored: StoredJob;
  readonly run: string;
  /** True if its run was to be begun before, and that failed. */
  readonly tried: boolean;
}

export class Claiming {
  readonly #options: ClaimOptions;
  readonly #engineWorker: EngineWorker;
  /** A job that was taken, whose run has not been begun. */
  #taken: TakenJob | undefined;
  /** True if the engine had none when it was asked last. */
  #isEmpty = false;

  constructor(options: ClaimOptions, engineWorker: EngineWorker) {
    this.#options = options;
    this.#engineWorker = engineWorker;
  }

  /** The next job whose turn it is. */
  async claim(): Promise<Begun | NothingDue> {
    for (;;) {
      if (!this.#taken) await this.#take();
      const begun = await this.beginTaken();
      if (begun) return begun;
      if (!this.#taken && this.#isEmpty) return await this.#nothing();
    }
  }

  async #take(): Promise<void> {
    const run = await this.#prepare();
    const stored = await this.#engineWorker.getNextJob(this.#options.worker, { block: false });
    this.#isEmpty = !stored;
    if (stored) this.#taken = { stored: stored as StoredJob, run, tried: false };
  }

  /**
   * Begins the run of the job that was taken; what cannot be asked just now leaves it there.
   *
   * @returns undefined if there is none, or if it is not its turn after all
   */
  async beginTaken(): Promise<Begun | undefined> {
    const taken = this.#taken;
    if (!taken) return undefined;
    this.#isEmpty = false;
    try {
      // At a second try it may have been given to another meanwhile.
      const begun = taken.tried && !await this.#isStillOurs(taken.stored)
        ? undefined
        : await this.#begin(taken.stored, taken.run);
      this.#taken = undefined;
      return begun;
    } catch (error) {
      this.#taken = isRefusal(error) ? undefined : { ...taken, tried: true };
      if (this.#taken) throw error;
      return undefined;
    }
  }

  async #isStillOurs(stored: StoredJob): Promise<boolean> {
    const { lockDuration = 0 } = this.#engineWorker.opts;
    return await stored.extendLock(this.#options.worker, lockDuration) > 0;
  }

  /** What is taken next is noted under the run that this returns, for as long as the settings say now. */
  async #prepare(): Promise<string> {
    const { makeRun, settings, worker } = this.#options;
    const run = makeRun();
    const { complete } = await settings.config();
    this.#engineWorker.opts.name = holderOf(worker, run);
    this.#engineWorker.opts.lockDuration = complete.lease_seconds * 1000;
    return run;
  }

  async #nothing(): Promise<NothingDue> {
    const { engine } = this.#options.hand;
    const [unfinished, paused] = await Promise.all([
      countAt(engine, UNFINISHED),
      engine.queue.isPaused(),
    ]);
    const nextDue = paused ? undefined : nextDelay(this.#engineWorker);
    return { kind: "nothing", nextDue, unfinished, paused };
  }

  /** Begins the run of a job that was taken; undefined if it is not its turn after all. */
  async #begin(stored: StoredJob, run: string): Promise<Begun | undefined> {
    const { hand, settings, worker, random } = this.#options;
    const now = hand.clock();
    const time = new Date(now).toISOString();
    const { complete: config } = await settings.config();
    const before = recordBefore(stored);
    const dependencies = await dependenciesOf(hand.engine, before);
    const job = claimed(before, {
      run,
      worker,
      now: time,
      lease_expires_at: leaseEnd(now, config),
      waited_seconds: waitedSeconds(before, dependencies, now),
    });
    const ended = endedWithoutRun(stored, before, job, { now: time, config, random });
    if (ended) {
      await this.end({ stored, worker, before, after: ended }, false);
      return undefined;
    }
    if (!await this.#isItsTurn(stored, before, dependencies, now)) return undefined;
    return { kind: "begun", stored, job, before, config };
  }

  /** Looks at what a job waits for; if it still does, it is put off, and if in vain, it is dead. */
  async #isItsTurn(
    stored: StoredJob,
    job: Job,
    dependencies: Records,
    now: number,
  ): Promise<boolean> {
    // When a failed job is due is the engine's to know: it may have been hastened.
    const runAt = job.state === "pending" ? Date.parse(job.run_at ?? job.created_at) : 0;
    if (runAt > now) {
      await this.#putOff(stored, runAt);
      return false;
    }
    const after = buryIfHopeless(dependencies, job, new Date(now).toISOString());
    if (after) {
      await this.end({ stored, worker: this.#options.worker, before: job, after }, false);
      return false;
    }
    if ([...dependencies.values()].every(isMet)) return true;
    const waited = now - Date.parse(job.updated_at);
    await this.#putOff(stored, now + putOffFor(waited));
    return false;
  }

  /** @param until milliseconds since 1970 */
  async #putOff(stored: StoredJob, until: number): Promise<void> {
    await stored.moveToDelayed(until, this.#options.worker);
    await this.#endIfCancelled(recordBefore(stored));
  }

  /**
   * Records how a run ended, and what that means for the jobs that wait for it.
   *
   * @param takesNext whether another job is to be taken with it
   * @returns the job as it is then; "refused" if it is not this worker's any more
   */
  async end(ended: Ended, takesNext: boolean): Promise<Job | "refused"> {
    const { hand, settings } = this.#options;
    const run = takesNext ? await this.#prepare() : undefined;
    const answer = await recordEnd(hand, ended, takesNext);
    if (answer === "refused") return answer;
    const next = this.#nextOf(answer);
    // Remembered at once: whatever fails from here on, it is this worker's.
    if (next && run !== undefined) this.#taken = { stored: next, run, tried: false };
    const { after } = ended;
    if (!isEnded(after.state)) return await this.#endIfCancelled(after) ?? after;
    await this.#options.onEnded(await endDependents(hand, settings, after));
    return after;
  }

  /** Who has cancelled a job before it was put back took it for running, and left its end to this worker. */
  async #endIfCancelled(job: Job): Promise<Job | undefined> {
    const { hand, settings, onEnded } = this.#options;
    const after = await endIfCancelled(hand, job);
    if (after) await onEnded(await endDependents(hand, settings, after));
    return after;
  }

  /** The job that the engine has handed out with its answer. */
  #nextOf(answer: unknown): StoredJob | undefined {
    const [data, id] = Array.isArray(answer) ? answer : [];
    if (!data) return undefined;
    const next = EngineJob.fromJSON(this.#engineWorker, data, id) as StoredJob;
    next.token = this.#options.worker;
    return next;
  }
}

/** When the next delayed job is due, as the engine said when it had no other; milliseconds since 1970. */
function nextDelay(worker: EngineWorker): number | undefined {
  // BullMQ keeps it to itself, and only there it is to be had exactly.
  const { blockUntil } = worker as unknown as { readonly blockUntil: number };
  return blockUntil > 0 ? blockUntil : undefined;
}
