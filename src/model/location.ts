/** Where a queue is. */
import { usage } from "./errors.ts";

export interface Location {
  /**
   * The data directory, absolute: a queue on files is in it; of a queue on a server, what the
   * workers of this machine leave here.
   */
  readonly directory: string;
  /** The URL of the server, if the queue is on one. */
  readonly store?: string;
}

/** What a server is reached by, and which of its queues is meant. */
export interface Server {
  readonly kind: "redis" | "postgres";
  /** Without the name of the queue. */
  readonly url: string;
  readonly queue: string;
}

const KINDS: Readonly<Record<string, Server["kind"]>> = {
  "redis:": "redis",
  "rediss:": "redis",
  "postgres:": "postgres",
  "postgresql:": "postgres",
};

const DEFAULT_QUEUE = "queuectl";

/** What stands beside a queue on a server has its name, and one of these behind it. */
const RESERVED = /-(completed|dead|cancelled|entries|settings|workers|requests|dependents-.*)$/;

/** True for what is meant as a URL, not as a directory. */
export function isStoreUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/**
 * Reads the URL of a store: `redis://HOST:PORT/DB`, `rediss://…` or `postgres://…`, with `?queue=NAME` for
 * one of several queues on a server.
 *
 * @throws {QueueError} `usage` if it is none
 */
export function parseStore(text: string): Server {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const kind = parsed && KINDS[parsed.protocol];
  if (!kind || parsed.hostname === "") {
    throw usage(
      `'${hidePassword(text)}' is no store`,
      "redis://HOST:PORT, rediss://HOST:PORT or postgres://USER@HOST:PORT/DATABASE",
    );
  }
  const queue = parsed.searchParams.get("queue") ?? DEFAULT_QUEUE;
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(queue)) {
    throw usage(`'${queue}' is no name of a queue`, "1 to 60 of A-Z a-z 0-9 _ -");
  }
  if (RESERVED.test(queue)) {
    throw usage(`'${queue}' is no name of a queue`, "another queue keeps what is its own under it");
  }
  // What is no number here would be taken for the first database.
  if (kind === "redis" && !/^\/?\d*$/.test(parsed.pathname)) {
    throw usage(
      `'${parsed.pathname.slice(1)}' is no database of Redis`,
      "redis://HOST:PORT/1, say",
    );
  }
  parsed.searchParams.delete("queue");
  return { kind, url: parsed.href, queue };
}

/**
 * The location that a person names: the URL of a store, or a directory.
 *
 * @param directory the data directory, absolute
 * @param cwd what the path of a directory begins at
 * @throws {QueueError} `usage` for the URL of something else
 */
export function namedLocation(given: string, directory: string, cwd: () => string): Location {
  if (!isStoreUrl(given)) return { directory: absolutePath(given, cwd) };
  parseStore(given);
  return { directory, store: given };
}

/** A path that does not depend on the directory that one is in. */
export function absolutePath(path: string, cwd: () => string): string {
  return path.startsWith("/") || /^([A-Za-z]:)?[\\/]/.test(path) ? path : `${cwd()}/${path}`;
}

/** A location as people may see it: without the password. */
export function describeLocation({ directory, store }: Location): string {
  return store === undefined ? directory : hidePassword(store);
}

/** A URL with its password hidden, however it is written: a password may have any characters. */
export function hidePassword(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? "";
  const at = url.lastIndexOf("@");
  const userinfo = at < 0 ? "" : url.slice(scheme.length, at);
  const user = userinfo.split(":")[0]!;
  const shown = user === userinfo ? url : `${scheme}${user}:***${url.slice(at)}`;
  return shown.replace(/([?&]\w*(?:pass|secret|token)\w*=)[^&]*/gi, "$1***");
}

/** What tells a command that is run for a queue's job where that queue is. */
export function variablesOf({ directory, store }: Location): Readonly<Record<string, string>> {
  return { QUEUECTL_HOME: directory, QUEUECTL_STORE: store ?? "" };
}
