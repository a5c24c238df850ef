/**
 * The connections to a server, and what stands there: BullMQ's queue, and beside it the shelves, with
 * the jobs that people have ended without a run.
 */
import { type IQueueBackend, type Queue, type QueueEvents, withBackend, type Worker } from "bullmq";
import { messageOf, QueueError } from "../model/errors.ts";
import { describeLocation, parseStore, type Server } from "../model/location.ts";
import { type Driver, postgresDriver, redisDriver } from "./drivers.ts";
import { Notes } from "./notes.ts";
import type { Data, Trace } from "./record.ts";
import { retryDelay } from "./run_failure.ts";

/** A state that a job can be brought into without a run. */
export type Shelf = "completed" | "dead" | "cancelled";

export const SHELVES: readonly Shelf[] = ["completed", "dead", "cancelled"];

/** A queue of BullMQ with our jobs. */
export type EngineQueue = Queue<
  Data,
  Trace,
  "job",
  Data,
  Trace,
  "job",
  IQueueBackend,
  object
>;

/** A worker of BullMQ that takes our jobs. */
export type EngineWorker = Worker<Data, Trace, "job", IQueueBackend, object, object>;

/** The longest pause before something is tried again on a lost connection, in milliseconds. */
const RETRY_MS = 1_000;

/** The longest time between two looks for jobs whose workers were lost, in milliseconds. */
const LONGEST_INTERVAL_MS = 15_000;

/** How often a worker may be lost with a job is for the rules to say, not for the engine. */
const NEVER_TOO_OFTEN = 2 ** 31 - 1;

export class Engine {
  readonly server: Server;
  /** The URL without its password. */
  readonly name: string;
  readonly #classes: ReturnType<typeof withBackend<IQueueBackend, object>>;
  readonly #opened: { close(): Promise<void> }[] = [];
  readonly queue: EngineQueue;
  readonly shelves: ReadonlyMap<Shelf, EngineQueue>;
  /** The names of jobs that somebody is about to end, delete or revive. */
  readonly entries: EngineQueue;
  readonly #driver: Driver;
  #lastError: unknown;

  private constructor(server: Server, name: string, driver: Driver) {
    this.server = server;
    this.name = name;
    this.#driver = driver;
    this.#classes = withBackend(driver.factory);
    this.queue = this.#watched(
      new this.#classes.Queue<Data, Trace, "job">(server.queue, this.#options()),
    );
    this.shelves = new Map(
      SHELVES.map((shelf) => [shelf, this.#beside(`${server.queue}-${shelf}`)]),
    );
    this.entries = this.#beside(`${server.queue}-entries`);
  }

  /** @throws {QueueError} `internal` if the server cannot be reached */
  static async open(directory: string, store: string): Promise<Engine> {
    const server = parseStore(store);
    const name = describeLocation({ directory, store });
    const driver = server.kind === "redis"
      ? await redisDriver(server.url)
      : await postgresDriver(server.url);
    let engine: Engine | undefined;
    try {
      await driver.prepare();
      engine = new Engine(server, name, driver);
      await engine.queue.waitUntilReady();
      return engine;
    } catch (error) {
      await (engine ?? driver).close();
      throw unreachable(name, error, engine && engine.#lastError);
    }
  }

  /**
   * Asks the server something.
   *
   * @throws {QueueError} `internal` if it does not answer; what BullMQ itself refuses as it is
   */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      const isOurs = error instanceof QueueError || error instanceof TypeError;
      if (isOurs || isRefusal(error)) throw error;
      throw unreachable(this.name, error, this.#lastError);
    }
  }

  /** A small store of names and texts beside the queue. */
  notes(name: string): Notes {
    return new Notes(this.queue.getBackend().forQueue(`${this.server.queue}-${name}`));
  }

  /**
   * A worker that is told by hand when to take a job.
   *
   * @param lease milliseconds
   */
  async openWorker(lease: number): Promise<EngineWorker> {
    const worker = this.#watched(
      new this.#classes.Worker<Data, Trace, "job", object>(this.server.queue, null, {
        ...this.#options(),
        autorun: false,
        lockDuration: lease,
        stalledInterval: Math.max(500, Math.min(lease / 4, LONGEST_INTERVAL_MS)),
        maxStalledCount: NEVER_TOO_OFTEN,
        runRetryDelay: RETRY_MS,
      }),
    );
    await this.ask(() => worker.waitUntilReady());
    return worker;
  }

  /** A connection of its own for waiting until there is a job. */
  async openBlocking(): Promise<IQueueBackend> {
    const backend = this.#driver.factory(this.server.queue, this.#options(), {
      withBlockingConnection: true,
    });
    this.#watched(backend);
    await this.ask(() => backend.waitUntilReady());
    return backend;
  }

  /** The announcements of this name. */
  openEvents(name: string): QueueEvents<unknown, IQueueBackend, object> {
    return this.#watched(
      new this.#classes.QueueEvents<unknown>(`${this.server.queue}-${name}`, this.#options()),
    );
  }

  /** Closes one of them. */
  async release(opened: { close(): Promise<void> }): Promise<void> {
    const index = this.#opened.indexOf(opened);
    if (index >= 0) this.#opened.splice(index, 1);
    await opened.close().catch(() => {});
  }

  /** Closes all connections; one that hangs is not waited for. */
  async close(): Promise<void> {
    const closing = this.#opened.toReversed().map((each) => each.close().catch(() => {}));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise((resolve) => timer = setTimeout(resolve, RETRY_MS));
    await Promise.race([Promise.all(closing).then(() => this.#driver.close()), patience]);
    clearTimeout(timer);
  }

  /** Another queue on the same connection. */
  #beside(name: string): EngineQueue {
    const backend = this.queue.getBackend().forQueue(name);
    const { Queue } = withBackend<IQueueBackend, object>(() => backend);
    return new Queue<Data, Trace, "job">(name, this.#options());
  }

  /** An error of a connection is told by the next question that needs it. */
  #watched<
    T extends {
      on(event: "error", listener: (error: Error) => void): unknown;
      close(): Promise<void>;
    },
  >(
    opened: T,
  ): T {
    opened.on("error", (error) => this.#lastError = error);
    this.#opened.push(opened);
    return opened;
  }

  #options(): { connection: object; settings: object } {
    return { connection: this.#driver.connection, settings: { backoffStrategy } };
  }
}

/** What the engine asks when a job is to be tried again. */
function backoffStrategy(_attempts: number, _type: string, error: Error | undefined): number {
  return retryDelay(error);
}

/** True if BullMQ understood the question, and says no. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number" &&
    error.code < 0;
}

/** @param before what went wrong with the connection before */
function unreachable(name: string, error: unknown, before: unknown): QueueError {
  return new QueueError("internal", `${name}: ${whyUnreachable(error, before)}`);
}

/** Why a server did not answer, in a few words. */
function whyUnreachable(error: unknown, before: unknown): string {
  const named = [error, before].flatMap((each) =>
    each instanceof AggregateError ? each.errors : [each]
  )
    .find((each) => each instanceof Error && "code" in each && String(each.code) in REASONS);
  if (named) return REASONS[String(named.code)]!;
  const told =
    error instanceof Error && !/Connection is closed|max retries per request/.test(error.message)
      ? error
      : before ?? new Error("no answer");
  return messageOf(told);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was lost",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name could not be looked up",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "the host cannot be reached",
};
