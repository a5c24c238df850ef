/**
 * A worker's place in a queue of BullMQ.
 *
 * Promises:
 * - The engine's lock on a job is the worker's own, under its name, which no other ever had: what it
 *   says of a job that was given to another meanwhile is refused.
 * - A worker that cannot reach the server ends its run before the lease is over, so that it does not
 *   go on beside the one that gets the job then.
 */
import { removeIfThere } from "../machine/io.ts";
import { type MachinePaths, runLogPath } from "../machine/paths.ts";
import type { Presence } from "../machine/presence.ts";
import { here } from "../machine/place.ts";
import { QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { Claim, ClaimedJob, RunKey, Seat, Settled } from "../model/seat.ts";
import { type Outcome, settled } from "../model/transitions.ts";
import { pause } from "../timer.ts";
import { type Begun, Claiming, type ClaimOptions } from "./claim.ts";
import { isRefusal } from "./engine.ts";
import { findJob } from "./jobs.ts";
import type { StoredJob } from "./record.ts";
import { Sender } from "./run_log.ts";
import { forgetWorker, type Identity, noteWorker, SAY_SO_MS } from "./workers.ts";

/** What a seat is made with. */
interface SeatOptions extends ClaimOptions {
  readonly paths: MachinePaths;
  readonly presence: Presence;
}

/** A job that this worker runs. */
interface Current {
  readonly stored: StoredJob;
  readonly job: Job;
  readonly before: Job;
  readonly log: string;
  readonly sender: Sender;
  /** Milliseconds. */
  readonly lease: number;
  /** When the engine last confirmed the lock, by this process's own clock. */
  renewed: number;
}

/** The part of the lease after which a run without an answer is given up; of a short lease, earlier. */
const GIVEN_UP_AFTER = 0.6;
const EARLIEST = 0.4;

/** How long it takes to end a run that does not want to, in milliseconds. */
const TO_END_MS = 6_000;

/** The pause before a heartbeat that failed is tried again, in milliseconds. */
const TRY_AGAIN_MS = 500;

/**
 * How long a run may go on without an answer, so that it has ended when its lease is over.
 *
 * @param lease milliseconds; under ten seconds it does not suffice
 * @returns milliseconds
 */
export function patienceOf(lease: number): number {
  return Math.max(lease * EARLIEST, Math.min(lease * GIVEN_UP_AFTER, lease - TO_END_MS));
}

export class BullSeat implements Seat {
  readonly #options: SeatOptions;
  readonly #claiming: Claiming;
  readonly #sayingSo: ReturnType<typeof setInterval>;
  #current: Current | undefined;

  private constructor(
    options: SeatOptions,
    claiming: Claiming,
    sayIt: () => Promise<void>,
  ) {
    this.#options = options;
    this.#claiming = claiming;
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
    return new BullSeat(options, new Claiming(options, engineWorker), sayIt);
  }

  get id(): string {
    return this.#options.worker;
  }

  claim(): Promise<Claim> {
    return this.#ask(async () => {
      const claim = await this.#claiming.claim();
      return claim.kind === "begun" ? this.#run(claim) : claim;
    });
  }

  /** Keeps what the run's end will need. */
  #run({ stored, job, before, config }: Begun): ClaimedJob {
    const { hand, paths, presence } = this.#options;
    const run = job.run!;
    const log = runLogPath(paths, job.id, run);
    const sender = new Sender(hand.engine, job.id, run, log);
    const lease = config.lease_seconds * 1000;
    this.#current = { stored, job, before, log, sender, lease, renewed: performance.now() };
    return { kind: "job", job, gate: presence.gate, log, config };
  }

  settle(key: RunKey, outcome: Outcome, claimNext: boolean): Promise<Settled> {
    return this.#ask(async () => {
      const current = this.#current;
      if (current?.job.run !== key.run) return { job: undefined, next: undefined };
      const { hand, settings, random } = this.#options;
      const { complete: config } = await settings.config();
      await current.sender.finish();
      const now = new Date(hand.clock()).toISOString();
      const job = await this.#asCancelled(current, outcome);
      const after = settled(job, outcome, { now, config, random });
      // What is run when a job has ended comes before the next job.
      const takesNext = claimNext && config.on_finish === "";
      const { stored, before } = current;
      const end = { stored, worker: this.id, before, after };
      const ended = await this.#claiming.end(end, takesNext);
      this.#current = undefined;
      removeIfThere(current.log);
      if (ended === "refused") return { job: undefined, next: undefined };
      // This end is recorded: what cannot be begun just now is taken by the next claim.
      const begun = await this.#claiming.beginTaken().catch(() => undefined);
      return { job: ended, next: begun && this.#run(begun) };
    });
  }

  /**
   * A run that has not succeeded may have been cancelled, whatever else ended it first: then its job
   * has ended with that.
   */
  async #asCancelled({ job }: Current, outcome: Outcome): Promise<Job> {
    if (outcome.kind === "exited" && outcome.exit_code === 0) return job;
    const fresh = await findJob(this.#options.hand.engine, job.id);
    return fresh?.job.state === "cancelled" && fresh.job.run === job.run ? fresh.job : job;
  }

  async renew(key: RunKey): Promise<boolean> {
    const current = this.#current;
    if (current?.job.run !== key.run) return false;
    const { lease } = current;
    for (;;) {
      const asked = performance.now();
      const left = current.renewed + patienceOf(lease) - asked;
      if (left <= 0) return false;
      try {
        const kept = await within(left, current.stored.extendLock(this.id, lease));
        if (kept > 0) current.renewed = asked;
        return kept > 0;
      } catch (error) {
        if (isRefusal(error)) return false;
      }
      // It may have ended meanwhile.
      if (this.#current !== current) return true;
      await pause(TRY_AGAIN_MS);
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
