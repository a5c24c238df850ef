// @ts-check
/// <reference lib="dom" />
/** What the page says to the server, and what it hears. */

/** The server does not know who we are. */
export class Unauthorized extends Error {}

/** An answer that takes longer does not come any more. */
const PATIENCE_MS = 15_000;

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
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(method === "GET" ? {} : {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body ?? {}),
    }),
  }).catch((error) => {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    throw new Error(
      isLate
        ? `no answer within ${PATIENCE_MS / 1000} s${
          method === "GET" ? "" : "; it may still be done"
        }`
        : "the server cannot be reached",
    );
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
 * Listens to a stream of events, and begins again by itself when it was cut off. A page that nobody
 * sees does not listen: browsers keep only six connections to a server.
 *
 * @param {string} path
 * @param {Record<string, (data: string) => void>} heard by the names of events
 * @param {(state: "open" | "cut off" | "refused") => void} onState open: something was heard; refused:
 * the server has answered, but not with a stream
 * @param {number} [silence] after how many milliseconds without a word a stream is cut off
 * @returns {() => void} ends it
 */
export function listen(path, heard, onState, silence) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silent;
  const close = () => {
    clearTimeout(again);
    clearTimeout(silent);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    if (document.hidden) return;
    const opened = new EventSource(`/api${path}`);
    source = opened;
    const hear = () => {
      clearTimeout(silent);
      if (silence === undefined) return;
      silent = setTimeout(() => {
        onState("cut off");
        open();
      }, silence);
    };
    hear();
    let isOpen = false;
    opened.onerror = () => {
      const isRefused = opened.readyState === EventSource.CLOSED;
      close();
      again = setTimeout(open, AGAIN_AFTER_MS);
      onState(isRefused ? "refused" : "cut off");
    };
    for (const [name, listener] of Object.entries(heard)) {
      opened.addEventListener(name, (event) => {
        hear();
        // What has failed before it said anything is no stream yet.
        if (!isOpen && name !== "failed") onState("open");
        isOpen ||= name !== "failed";
        listener(event.data);
      });
    }
  };
  document.addEventListener("visibilitychange", open);
  open();
  return () => {
    document.removeEventListener("visibilitychange", open);
    close();
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
