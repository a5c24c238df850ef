/**
 * Starts the workers, wakes them, replaces a crashed one, recovers what dead ones left, keeps the
 * JSON files up to date, and stops them.
 *
 * Promise: the last worker leaves when all that they have done is in the JSON files, and what is run
 * afterwards has been done; nothing is written any more once it has left.
 */
import { QueueError } from "../model/errors.ts";
import type { Queue } from "../model/queue.ts";
import type { WorkerRequest } from "../model/seat.ts";
import { pause } from "../timer.ts";
import { type EventFormat, formatEvents, type WorkerEvent } from "./events.ts";
import { Housekeeping } from "./housekeeping.ts";
import type { FromThread, ToThread } from "./messages.ts";
import { Wakeup } from "./wakeup.ts";
import type { Afterwards } from "./work.ts";
import type { WorkerThread } from "./worker_thread.ts";

/** What a supervisor is given from outside. */
export interface SupervisorOptions {
  readonly queue: Queue;
  /** The first worker's thread, which came up while the queue was opened. */
  readonly first: WorkerThread;
  /** How many workers there are to be. */
  readonly count: number;
  /** Makes the others' threads, and those in the place of crashed ones. */
  readonly makeThread: () => WorkerThread;
  /** What this process runs when it has ended a job: before the last worker leaves. */
  readonly afterwards: Afterwards;
  /** End when nothing is left to run. */
  readonly drain: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How to tell what happens. */
  readonly format: EventFormat;
  /** Told what happens, in lines. */
  readonly onTold: (text: string) => void;
  /** Called once when every worker is ready, or one of them has crashed and will be replaced. */
  readonly onReady: () => void;
}

/** How it ended: in order, or with runs that were put back. */
export type Ending = "finished" | "forced";

/** How long this thread listens before it makes the next one. */
const HEAR_MS = 1;

/** The pause before the first replacement of a crashed worker, in milliseconds; it doubles. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/** A worker that lived longer than this did not crash because of how it was started. */
const HEALTHY_MS = 60_000;

type Resting = Extract<FromThread, { kind: "resting" }>;

/** A drain that waits no longer than this for the next job does not say so. */
const PATIENCE_MS = 5_000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #threads = new Map<string, WorkerThread>();
  readonly #wakeup: Wakeup;
  readonly #housekeeping: Housekeeping;
  readonly #replacements = new Set<ReturnType<typeof setTimeout>>();
  #stop: "no" | "finish" | "force" = "no";
  /** True once runs were put back. */
  #forced = false;
  #pauseMs = FIRST_PAUSE_MS;
  /** True once a worker has been ready. */
  #begun = false;
  /** True once as many threads were made as there are to be, or no more are wanted. */
  #allMade = false;
  #announced = false;
  /** Jobs that had not ended when a worker last found nothing to do. */
  #unfinished: number | undefined;
  #toldDue: number | undefined;
  #toldPause = false;
  #failure: Error | undefined;
  /** Nothing works any more; with the id of the last worker, which has not left. */
  readonly #over = Promise.withResolvers<string | undefined>();
  readonly #empty = Promise.withResolvers<void>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { queue, clock } = options;
    this.#wakeup = new Wakeup(queue, clock, (worker) => this.#send(worker, { kind: "wake" }));
    this.#housekeeping = new Housekeeping({
      queue,
      clock,
      alive: () => this.#ids(),
      isIdle: () => this.#wakeup.resting === this.#threads.size,
      onEvent: (event) => this.#say(event),
    });
  }

  /**
   * Runs the workers until they are stopped, or until nothing is left to run.
   *
   * @throws {QueueError} if the queue's files cannot be understood
   */
  async run(): Promise<Ending> {
    const { queue, first } = this.#options;
    this.#start(first);
    const requests = queue.watchRequests(() => this.#lookForRequests());
    this.#makeOthers().catch((error) => {
      this.#failure ??= error;
      this.stop(false);
    });
    this.#housekeeping.start();
    const last = await this.#over.promise;
    // A system that still watches takes 10 ms for the end of this process: it stops meanwhile.
    await Promise.all([requests.close(), this.#wakeup.close()]);
    await this.#housekeeping.finish();
    await this.#options.afterwards.done();
    if (last !== undefined) this.#send(last, { kind: "leave" });
    await this.#empty.promise;
    if (this.#failure) throw this.#failure;
    return this.#forced ? "forced" : "finished";
  }

  /** Stops all workers: they finish what runs or, with force, put it back. */
  stop(force: boolean): void {
    if (this.#stop === "force") return;
    this.#stop = force ? "force" : "finish";
    this.#forced ||= force;
    if (force) this.#options.afterwards.interrupt();
    for (const timer of this.#replacements) clearTimeout(timer);
    this.#replacements.clear();
    for (const { id } of this.#threads.values()) this.#stopThread(id, force);
    this.#endIfEmpty();
  }

  /** The same at a signal: for others it looks as if it had been asked for. */
  stopOnSignal(force: boolean): void {
    this.stop(force);
    const joined = [...this.#threads.values()].filter(({ ready }) => ready).map(({ id }) => id);
    // A full disk, or a worker that has left meanwhile, say: it only goes unseen.
    this.#options.queue.stopWorkers(joined, force).catch(() => {});
  }

  /** While the first one works. Each takes 20 ms of this thread: what is said to it is heard in between. */
  async #makeOthers(): Promise<void> {
    const { count, makeThread } = this.#options;
    for (let made = 1; made < count && this.#stop === "no"; made++) {
      this.#start(makeThread());
      await pause(HEAR_MS);
    }
    this.#allMade = true;
    this.#announceIfReady();
  }

  #ids(): readonly string[] {
    return [...this.#threads.keys()];
  }

  #start(thread: WorkerThread): void {
    this.#threads.set(thread.id, thread);
    thread.start((message) => this.#receive(thread.id, message));
  }

  #send(id: string, message: ToThread): void {
    this.#threads.get(id)?.send(message);
  }

  #receive(id: string, message: FromThread): void {
    switch (message.kind) {
      case "ready":
        return this.#ready(id);
      case "told":
        this.#housekeeping.noteWork();
        return this.#options.onTold(message.text);
      case "resting":
        return this.#rests(id, message);
      case "done":
        return this.#done(id);
      case "left":
        return this.#gone(id);
      case "broken": {
        const { code, error, hint } = message;
        return this.#crashed(id, new QueueError(code, error, hint));
      }
    }
  }

  #rests(id: string, message: Resting): void {
    this.#unfinished = message.unfinished;
    if (this.#isDrained(this.#wakeup.resting + 1)) return this.stop(false);
    if (this.#options.drain) this.#tellPatience(id, message);
    this.#wakeup.rests(id, message.nextDue);
  }

  /** A drain is over when nothing is left and all rest: what a busy one runs afterwards may enqueue more. */
  #isDrained(resting: number): boolean {
    if (!this.#options.drain || this.#unfinished !== 0) return false;
    return resting === this.#threads.values().filter(({ ready }) => ready).toArray().length;
  }

  /** Whoever waits for the end of a drain should know what it waits for. */
  #tellPatience(id: string, { nextDue, paused }: Resting): void {
    if (paused && !this.#toldPause) this.#tell(id, { event: "draining" });
    this.#toldPause = paused;
    if (nextDue === undefined || nextDue === this.#toldDue) return;
    if (nextDue - this.#options.clock() < PATIENCE_MS) return;
    this.#toldDue = nextDue;
    this.#tell(id, { event: "draining", due_at: new Date(nextDue).toISOString() });
  }

  #ready(id: string): void {
    const thread = this.#threads.get(id);
    if (thread) thread.ready = true;
    this.#begun = true;
    this.#announceIfReady();
  }

  #announceIfReady(): void {
    const present = [...this.#threads.values()];
    if (!this.#allMade || present.length === 0) return;
    if (present.every(({ ready }) => ready)) this.#announce();
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#options.onReady();
  }

  /**
   * Files that cannot be understood end everything, and so does what keeps all from beginning; any
   * other crash gets a replacement.
   */
  #crashed(id: string, error: QueueError): void {
    const thread = this.#threads.get(id);
    if (!thread) return;
    thread.terminate();
    this.#tell(id, { event: "crashed", error: error.message });
    this.#housekeeping.recoverSoon();
    if (error.code === "corrupt" || !this.#begun) {
      this.#failure ??= error;
      this.#gone(id);
      return this.stop(false);
    }
    if (thread.age > HEALTHY_MS) this.#pauseMs = FIRST_PAUSE_MS;
    if (this.#stop === "no" && !thread.stopping) this.#replaceLater();
    this.#gone(id);
    this.#announce();
  }

  #replaceLater(): void {
    // With no thread left this may be all that keeps the program alive: no timer of `timer.ts` does.
    const timer = setTimeout(() => {
      this.#replacements.delete(timer);
      this.#start(this.#options.makeThread());
    }, this.#pauseMs);
    this.#replacements.add(timer);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #done(id: string): void {
    const thread = this.#threads.get(id);
    if (!thread) return;
    thread.done = true;
    const isLast = this.#replacements.size === 0 &&
      this.#threads.values().every(({ done }) => done);
    if (!isLast) return this.#send(id, { kind: "leave" });
    // Those that are still to be made are not made.
    if (this.#stop === "no") this.#stop = "finish";
    this.#over.resolve(id);
  }

  #gone(id: string): void {
    this.#threads.delete(id);
    this.#wakeup.forget(id);
    this.#announceIfReady();
    if (this.#threads.size > 0 && this.#isDrained(this.#wakeup.resting)) this.stop(false);
    this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    if (this.#threads.size > 0 || this.#replacements.size > 0) return;
    this.#over.resolve(undefined);
    this.#empty.resolve();
  }

  #tell(worker: string, event: Omit<WorkerEvent, "time" | "worker">): void {
    const time = new Date(this.#options.clock()).toISOString();
    this.#say({ time, worker, ...event });
  }

  #say(event: WorkerEvent): void {
    const { format, onTold } = this.#options;
    onTold(formatEvents([event], format));
  }

  async #lookForRequests(): Promise<void> {
    try {
      this.#heed(await this.#options.queue.requests(this.#ids()));
    } catch {
      // No file handle left or no server, say: the requests are still there at the next look.
    }
  }

  #heed(requests: readonly WorkerRequest[]): void {
    for (const request of requests) {
      if (request.kind === "stop") this.#heedStop(request);
      else this.#send(request.worker, { kind: "cancel", run: request.run });
    }
  }

  #heedStop({ worker, force, all }: Extract<WorkerRequest, { kind: "stop" }>): void {
    if (this.#threads.get(worker)?.stopping === false) {
      this.#tell(worker, { event: "stopping" });
    }
    if (force) this.#forced = true;
    this.#stopThread(worker, force);
    if (all) this.stop(force);
  }

  #stopThread(id: string, force: boolean): void {
    const thread = this.#threads.get(id);
    if (!thread) return;
    thread.stopping = true;
    this.#send(id, { kind: "stop", force });
  }
}
