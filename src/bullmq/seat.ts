/**
 * A worker's place in a queue of BullMQ.
 *
 * Promises:
 * - The engine's lock on a job is the worker's own, under its name, which no other ever had: what it
 *   says of a job that was given to another meanwhile is refused.
 * - A worker that cannot reach the server ends its run before the lease is over, so that it does not
 *   go on beside the one that gets the job then.
 */
import { Job as EngineJob } from "bullmq";
import { removeIfThere } from "../machine/io.ts";
import { type MachinePaths, runLogPath } from "../machine/paths.ts";
import type { Presence } from "../machine/presence.ts";
import { here } from "../machine/worker_file.ts";
import { QueueError } from "../model/errors.ts";
import { isEnded, type Job } from "../model/job.ts";
import type { Claim, ClaimedJob, NothingDue, RunKey, Seat, Settled } from "../model/seat.ts";
import { buriedWith, claimed, leaseEnd, type Outcome, settled } from "../model/transitions.ts";
import { dueSince } from "../rules/due_since.ts";
import type { Records } from "../rules/records.ts";
import { isMet } from "../rules/waiting_line.ts";
import type { Hand } from "./carry_out.ts";
import { putOffFor } from "./dependents.ts";
import { endDependents } from "./end_dependents.ts";
import { type EngineWorker, isRefusal } from "./engine.ts";
import { countAt, findJob, UNFINISHED } from "./jobs.ts";
import { type Held, holderOf, recordBefore } from "./record.ts";
import { type Ended, recordEnd } from "./record_end.ts";
import { Sender } from "./run_log.ts";
import type { Settings } from "./settings.ts";
import { dependenciesOf, lostRun } from "./turn.ts";
import { forgetWorker, type Identity, noteWorker, SAY_SO_MS } from "./workers.ts";

/** What a seat is made with. */
export interface SeatOptions {
  readonly hand: Hand;
  readonly settings: Settings;
  readonly paths: MachinePaths;
  readonly presence: Presence;
  readonly worker: string;
  readonly makeRun: () => string;
  readonly random: () => number;
  /** Told of jobs that have ended. */
  readonly onEnded: (jobs: readonly Job[]) => Promise<void>;
}

/** A job that this worker runs. */
interface Current {
  readonly held: Held;
  readonly job: Job;
  readonly before: Job;
  readonly log: string;
  readonly sender: Sender;
  /** Milliseconds. */
  readonly lease: number;
  /** When the engine last confirmed the lock, by this process's own clock. */
  renewed: number;
}

/** A job that the engine has given to this worker, and the run that it was noted under. */
interface Taken {
  readonly held: Held;
  readonly run: string;
  /** True if its run was to be begun before, and that failed. */
  readonly tried: boolean;
}

/** After so much of the lease without an answer a run is given up. */
const GIVEN_UP_AFTER = 0.6;

/** A heartbeat waits for its answer no longer than this part of the lease. */
const ANSWER_WITHIN = 0.25;

export class BullSeat implements Seat {
  readonly #options: SeatOptions;
  readonly #engineWorker: EngineWorker;
  readonly #sayingSo: ReturnType<typeof setInterval>;
  #current: Current | undefined;
  /** A job that was taken, whose run has not been begun. */
  #taken: Taken | undefined;
  /** True if the engine had none when it was asked last. */
  #isEmpty = false;

  private constructor(
    options: SeatOptions,
    engineWorker: EngineWorker,
    sayIt: () => Promise<void>,
  ) {
    this.#options = options;
    this.#engineWorker = engineWorker;
    // Who cannot be told now is told the next time.
    this.#sayingSo = setInterval(() => sayIt().catch(() => {}), SAY_SO_MS);
  }

  /** Takes a place. */
  static async join(options: SeatOptions): Promise<BullSeat> {
    const { hand: { engine, clock }, worker, settings, paths } = options;
    const { complete } = await settings.config();
    const engineWorker = await engine.openWorker(complete.lease_seconds * 1000);
    const identity: Identity = {
      id: worker,
      pid: Deno.pid,
      ...here(),
      started_at: new Date(clock()).toISOString(),
      directory: paths.directory,
    };
    const sayIt = (): Promise<void> => noteWorker(engine, identity, clock());
    await engine.ask(sayIt);
    engineWorker.startStalledCheckTimer();
    return new BullSeat(options, engineWorker, sayIt);
  }

  get id(): string {
    return this.#options.worker;
  }

  claim(): Promise<Claim> {
    return this.#ask(async () => {
      for (;;) {
        if (!this.#taken) await this.#take();
        const begun = await this.#beginTaken();
        if (begun) return begun;
        if (!this.#taken && this.#isEmpty) return await this.#nothing();
      }
    });
  }

  async #take(): Promise<void> {
    const run = this.#options.makeRun();
    await this.#prepare(run);
    const held = await this.#engineWorker.getNextJob(this.id, { block: false });
    this.#isEmpty = !held;
    if (held) this.#taken = { held: held as Held, run, tried: false };
  }

  /**
   * Begins the run of the job that was taken; what cannot be asked just now leaves it there.
   *
   * @returns undefined if there is none, or if it is not its turn after all
   */
  async #beginTaken(): Promise<ClaimedJob | undefined> {
    const taken = this.#taken;
    if (!taken) return undefined;
    this.#isEmpty = false;
    try {
      // At a second try it may have been given to another meanwhile.
      const begun = taken.tried && !await this.#isStillOurs(taken.held)
        ? undefined
        : await this.#begin(taken.held, taken.run);
      this.#taken = undefined;
      return begun;
    } catch (error) {
      this.#taken = isRefusal(error) ? undefined : { ...taken, tried: true };
      if (this.#taken) throw error;
      return undefined;
    }
  }

  async #isStillOurs(held: Held): Promise<boolean> {
    const { lockDuration = 0 } = this.#engineWorker.opts;
    return await held.extendLock(this.id, lockDuration) > 0;
  }

  /** What is claimed next is noted under this run, for as long as the settings say now. */
  async #prepare(run: string): Promise<void> {
    const { complete } = await this.#options.settings.config();
    this.#engineWorker.opts.name = holderOf(this.id, run);
    this.#engineWorker.opts.lockDuration = complete.lease_seconds * 1000;
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
  async #begin(held: Held, run: string): Promise<ClaimedJob | undefined> {
    const { hand, settings, paths, presence } = this.#options;
    const now = hand.clock();
    const time = new Date(now).toISOString();
    const { complete: config } = await settings.config();
    const before = recordBefore(held);
    const dependencies = await dependenciesOf(hand.engine, before);
    const job = claimed(before, {
      run,
      worker: this.id,
      now: time,
      lease_expires_at: leaseEnd(now, config),
      waited_seconds: Math.max(0, now - dueSince(before, dependencies)) / 1000,
    });
    const lost = lostRun(held, job, { now: time, config, random: this.#options.random });
    if (lost) {
      await this.#end({ held, worker: this.id, before, after: lost }, false);
      return undefined;
    }
    if (!await this.#isItsTurn(held, before, dependencies, now)) return undefined;
    const log = runLogPath(paths, job.id, run);
    const sender = new Sender(hand.engine, job.id, run, log);
    const lease = config.lease_seconds * 1000;
    this.#current = { held, job, before, log, sender, lease, renewed: performance.now() };
    return { kind: "job", job, gate: presence.gate, log, config };
  }

  /** Looks at what a job waits for; if it still does, it is put off, and if in vain, it is dead. */
  async #isItsTurn(
    held: Held,
    job: Job,
    dependencies: Records,
    now: number,
  ): Promise<boolean> {
    // When a failed job is due is the engine's to know: it may have been hastened.
    const runAt = job.state === "pending" ? Date.parse(job.run_at ?? job.created_at) : 0;
    if (runAt > now) {
      await held.moveToDelayed(runAt, this.id);
      return false;
    }
    const unmet = [...dependencies.values()].filter((dependency) => !isMet(dependency));
    const hopeless = unmet.find(({ state }) => isEnded(state));
    if (hopeless) {
      const after = buriedWith(job, hopeless, new Date(now).toISOString());
      await this.#end({ held, worker: this.id, before: job, after }, false);
      return false;
    }
    if (unmet.length === 0) return true;
    const waited = now - Date.parse(job.updated_at);
    await held.moveToDelayed(now + putOffFor(waited), this.id);
    return false;
  }

  settle(key: RunKey, outcome: Outcome, claimNext: boolean): Promise<Settled> {
    return this.#ask(async () => {
      const current = this.#current;
      if (current?.job.run !== key.run) return { job: undefined, next: undefined };
      const { hand, settings, makeRun, random } = this.#options;
      const { complete: config } = await settings.config();
      await current.sender.finish();
      const now = new Date(hand.clock()).toISOString();
      const job = await this.#asCancelled(current, outcome);
      const after = settled(job, outcome, { now, config, random });
      const run = makeRun();
      await this.#prepare(run);
      // What is run when a job has ended comes before the next job.
      const fetchNext = claimNext && config.on_finish === "";
      const { held, before } = current;
      const ended = await this.#end({ held, worker: this.id, before, after }, fetchNext && run);
      this.#current = undefined;
      removeIfThere(current.log);
      if (ended === "refused") return { job: undefined, next: undefined };
      return { job: after, next: await this.#beginTaken() };
    });
  }

  /** A run that was interrupted may have been cancelled: then its job has ended with that. */
  async #asCancelled({ job }: Current, outcome: Outcome): Promise<Job> {
    if (outcome.kind !== "interrupted") return job;
    const fresh = await findJob(this.#options.hand.engine, job.id);
    return fresh?.job.state === "cancelled" && fresh.job.run === job.run ? fresh.job : job;
  }

  /**
   * Records how a run ended, and what that means for the jobs that wait for it.
   *
   * @param nextRun the run of the job that is to be taken with it, if one is
   */
  async #end(ended: Ended, nextRun: string | false): Promise<"recorded" | "refused"> {
    const { hand, settings } = this.#options;
    const answer = await recordEnd(hand, ended, nextRun !== false);
    if (answer === "refused") return answer;
    const next = this.#nextOf(answer);
    // Remembered at once: whatever fails from here on, it is this worker's.
    if (next && nextRun !== false) this.#taken = { held: next, run: nextRun, tried: false };
    await this.#options.onEnded(await endDependents(hand, settings, ended.after));
    return "recorded";
  }

  /** The job that the engine has handed out with its answer. */
  #nextOf(answer: unknown): Held | undefined {
    const [data, id] = Array.isArray(answer) ? answer : [];
    if (!data) return undefined;
    const next = EngineJob.fromJSON(this.#engineWorker, data, id) as Held;
    next.token = this.id;
    return next;
  }

  async renew(key: RunKey): Promise<boolean> {
    const current = this.#current;
    if (current?.job.run !== key.run) return false;
    const { lease } = current;
    const asked = performance.now();
    try {
      const kept = await within(lease * ANSWER_WITHIN, current.held.extendLock(this.id, lease));
      if (kept > 0) current.renewed = asked;
      return kept > 0;
    } catch (error) {
      if (isRefusal(error) || performance.now() - current.renewed > lease * GIVEN_UP_AFTER) {
        return false;
      }
      throw error;
    }
  }

  isMember(): boolean {
    return this.#options.presence.isThere();
  }

  log(text: string): void {
    this.#options.presence.log(text);
  }

  async leave(): Promise<void> {
    clearInterval(this.#sayingSo);
    const { hand, presence } = this.#options;
    presence.leave();
    try {
      await within(SAY_SO_MS, forgetWorker(hand.engine, this.id));
    } catch {
      // Whoever looks will find that it says nothing any more.
    }
  }

  #ask<T>(question: () => Promise<T>): Promise<T> {
    return this.#options.hand.engine.ask(question);
  }
}

/** When the next delayed job is due, as the engine said when it had no other; milliseconds since 1970. */
function nextDelay(worker: EngineWorker): number | undefined {
  // BullMQ keeps it to itself, and only there it is to be had exactly.
  const { blockUntil } = worker as unknown as { readonly blockUntil: number };
  return blockUntil > 0 ? blockUntil : undefined;
}

/** An answer that comes in time. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) =>
    timer = setTimeout(() => reject(new QueueError("internal", "the server does not answer")), ms)
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
