// @ts-check
/// <reference lib="dom" />
/** What the page says to the server, and what it hears. */

/** The server does not know who we are. */
export class Unauthorized extends Error {}

/**
 * One request of the API; throws an error with the server's own sentence.
 *
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function api(method, path, body) {
  const response = await fetch(`/api${path}`, {
    method,
    ...(method === "GET" ? {} : {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body ?? {}),
    }),
  }).catch(() => {
    throw new Error("the server cannot be reached");
  });
  const answer = await response.json();
  if (response.status === 401) throw new Unauthorized(answer.error);
  if (!response.ok) {
    throw new Error(answer.hint ? `${answer.error} (${answer.hint})` : answer.error);
  }
  return answer;
}

const AGAIN_AFTER_MS = 1500;

/**
 * Listens to a stream of events, and begins again by itself when it was cut off.
 *
 * @param {string} path
 * @param {Record<string, (data: string) => void>} listeners by the names of events
 * @param {(isOpen: boolean) => void} [onState]
 * @returns {() => void} ends it
 */
export function listen(path, listeners, onState = () => {}) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  const open = () => {
    source = new EventSource(`/api${path}`);
    source.onopen = () => onState(true);
    source.onerror = () => {
      onState(false);
      source?.close();
      again = setTimeout(open, AGAIN_AFTER_MS);
    };
    for (const [name, listener] of Object.entries(listeners)) {
      source.addEventListener(name, (event) => listener(event.data));
    }
  };
  open();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}

const SPACING_MS = 1000;

/**
 * Calls a function as often as it is asked to, but never twice at a time, and at most once a second.
 *
 * @param {() => Promise<void>} work
 */
export function calmly(work) {
  let running = false;
  let wanted = false;
  const run = async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      await work();
      await new Promise((resolve) => setTimeout(resolve, SPACING_MS));
    }
    running = false;
  };
  return run;
}
