/** The dashboard: a server for one queue. */
import { Hono } from "hono";
import { QueueError, reasonOf, usage } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { api } from "./api.ts";
import { answerError } from "./errors.ts";
import {
  checkOrigin,
  checkReadOnly,
  checkToken,
  type GuardOptions,
  headers,
  takeToken,
} from "./guard.ts";
import { Live } from "./live.ts";
import { assets } from "./page_files.ts";
import { Streams } from "./streams.ts";

/** What the dashboard is given from outside. */
export interface WebOptions {
  readonly queue: Queue;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** The secret; made if absent. */
  readonly token: string | undefined;
  /** Host names besides the one that it listens on. */
  readonly allowedHosts: readonly string[];
  readonly readOnly: boolean;
  readonly cwd: string;
  readonly timeZone: string;
  /** Ends the runs of cancelled jobs that no worker ends. */
  readonly afterCancel: (jobs: readonly Job[]) => Promise<void>;
  /** Makes ids for jobs. */
  readonly makeId: () => string;
  /** Starts workers in the background; returns their ids. */
  readonly startWorkers: (count: number) => Promise<readonly string[]>;
}

/** A dashboard that is being served. */
export interface Served {
  /** The link that lets a browser in. */
  readonly link: string;
  close(): Promise<void>;
}

/** How long requests under way are waited for at the end. */
const PATIENCE_MS = 3_000;

const LOOPBACK = ["127.0.0.1", "localhost", "::1", "[::1]"];

/** How long after a change the JSON files are brought up to date, in milliseconds. */
const CHECKPOINT_AFTER_MS = 500;

/** A checkpoint is followed by this many times its own duration without one. */
const REST_PER_CHECKPOINT = 9;

/**
 * Serves the dashboard until it is closed.
 *
 * @throws {QueueError} `usage` if it should be open to other machines without a token of one's own,
 * `conflict` or `internal` if it cannot listen there
 */
export function serve(options: WebOptions): Served {
  const { queue, host } = options;
  if (options.token === "") throw usage("the token is empty", "leave it out, and one is made");
  const isLocal = LOOPBACK.includes(host);
  if (!isLocal && !options.token) {
    throw usage(
      `whoever reaches ${host} could run commands here: a token of your own is needed`,
      "--token SECRET, or the environment variable QUEUECTL_TOKEN",
    );
  }
  const token = options.token ?? makeToken();
  const live = new Live(queue);
  const streams = new Streams(queue, live);
  const checkpoints = new LateCheckpoint(queue);
  const listener = listen(host, options.port, (request) => app.fetch(request));
  const { port } = listener.addr;
  const names = isLocal ? LOOPBACK : [host, ...LOOPBACK];
  const app = build({
    token,
    hosts: hostsNamed(names, options.allowedHosts, port),
    anyAddress: !isLocal,
    readOnly: options.readOnly,
  }, api({ ...options, streams, onChange: () => checkpoints.soon() }));
  const shown = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return {
    link: `http://${shown === "0.0.0.0" ? "127.0.0.1" : shown}:${port}/?token=${
      encodeURIComponent(token)
    }`,
    close: async () => {
      streams.close();
      // Whoever sends a body and never ends it is not waited for.
      const { promise, resolve } = Promise.withResolvers<void>();
      const patience = setTimeout(resolve, PATIENCE_MS);
      await Promise.race([listener.shutdown(), promise]);
      clearTimeout(patience);
      checkpoints.close();
    },
  };
}

function build(guard: GuardOptions, routes: Hono): Hono {
  const app = new Hono();
  app.onError(answerError);
  app.notFound((context) =>
    answerError(new QueueError("not_found", "there is nothing under this address"), context)
  );
  app.use(headers);
  app.use(checkOrigin(guard));
  app.use("/", takeToken(guard));
  app.route("/", assets(guard.readOnly));
  app.use("/api/*", checkToken(guard), checkReadOnly(guard), async (context, next) => {
    await next();
    context.header("Cache-Control", "no-store");
  });
  app.route("/api", routes);
  return app;
}

/** Port 80 is left out by whoever names it. */
const DEFAULT_PORT = 80;

/** What a request may call this server: its names with the port, and the allowed ones without it too. */
export function hostsNamed(
  names: readonly string[],
  allowed: readonly string[],
  port: number,
): ReadonlySet<string> {
  const withPort = [...names, ...allowed].map((name) => `${name}:${port}`);
  const bare = port === DEFAULT_PORT ? [...names, ...allowed] : allowed;
  return new Set([...withPort, ...bare].map((name) => name.toLowerCase()));
}

function listen(
  hostname: string,
  port: number,
  handler: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, handler);
  } catch (error) {
    const isTaken = error instanceof Deno.errors.AddrInUse;
    throw new QueueError(
      isTaken ? "conflict" : "internal",
      `cannot listen on ${hostname}:${port}: ${isTaken ? "the port is taken" : reasonOf(error)}`,
      isTaken ? "--port chooses another" : "--host and --port say where to listen",
    );
  }
}

const TOKEN_BYTES = 32;

function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/**
 * People who look at `jobs.json` should find what was done on the page: soon, but for a tenth of the
 * time at most, as a long queue takes long.
 */
class LateCheckpoint {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBefore = 0;
  #isWriting = false;
  /** True if something has changed while it was written. */
  #isBehind = false;
  #isClosed = false;

  constructor(readonly queue: Queue) {}

  soon(): void {
    if (this.#isWriting) this.#isBehind = true;
    if (this.#isWriting || this.#timer !== undefined) return;
    const wait = Math.max(CHECKPOINT_AFTER_MS, this.#notBefore - performance.now());
    this.#timer = setTimeout(() => this.#write(), wait);
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    this.#isWriting = true;
    this.#isBehind = false;
    const begun = performance.now();
    // Where it cannot be done, the next change or the end of this server is followed by another try.
    const isDone = await this.queue.checkpoint("skip").catch(() => true);
    const now = performance.now();
    this.#notBefore = now + REST_PER_CHECKPOINT * (now - begun);
    this.#isWriting = false;
    if ((this.#isBehind || !isDone) && !this.#isClosed) this.soon();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
