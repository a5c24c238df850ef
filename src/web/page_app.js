// @ts-check
/// <reference lib="dom" />
/** The frame of the page: which view is shown, the live state, and what is always there. */
import { attempt, byId, h, readOnly, refreshTimes, show } from "./page_dom.js";
import { enqueueDialog } from "./page_enqueue.js";
import { jobView } from "./page_job.js";
import { deadView, jobsView } from "./page_jobs.js";
import { api, listen, Unauthorized } from "./page_net.js";
import { schedulesView } from "./page_schedules.js";
import { settingsView } from "./page_settings.js";
import { workersView } from "./page_workers.js";

/**
 * What a view is: it is told when the queue has changed, and closed when another is shown.
 *
 * @typedef {{ changed(status: any): void, close?(): void }} View
 */

const main = byId("main");
/** @type {View | undefined} */
let view;
/** @type {any} */
let status;

/**
 * The view of an address.
 *
 * @param {string} name
 * @param {string} rest
 * @param {URLSearchParams} query
 * @returns {View}
 */
function open(name, rest, query) {
  if (name === "jobs" && rest !== "") return jobView(main, rest);
  if (name === "jobs") return jobsView(main, query);
  if (name === "dlq") return deadView(main, query);
  if (name === "workers") return workersView(main);
  if (name === "schedules") return schedulesView(main);
  if (name === "settings") return settingsView(main);
  const sentence = name === "wrong-token"
    ? "That link's token was wrong; you are still let in."
    : "There is nothing under this address.";
  main.append(h("p", { class: "card empty" }, sentence));
  return { changed: () => {} };
}

/** The parts of the address: the name of a view, what stands behind it, and its query. */
function address() {
  const [path = "", search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const slash = path.indexOf("/");
  const name = (slash < 0 ? path : path.slice(0, slash)) || "jobs";
  const rest = slash < 0 ? "" : path.slice(slash + 1);
  try {
    return { name, rest: decodeURIComponent(rest), query: new URLSearchParams(search) };
  } catch {
    return { name: "nothing", rest: "", query: new URLSearchParams() };
  }
}

function route() {
  const { name, rest, query } = address();
  view?.close?.();
  // A question about what was shown before is none any more.
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  main.replaceChildren();
  view = open(name, rest, query);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  retitle();
  if (status) view.changed(status);
}

/** What a view is called, for the tab and the history of the browser. */
const TITLES = {
  jobs: "Jobs",
  dlq: "Dead letters",
  workers: "Workers",
  schedules: "Schedules",
  settings: "Settings",
};

function retitle() {
  const { name, rest } = address();
  const what = rest ||
    (Object.hasOwn(TITLES, name) ? TITLES[/** @type {keyof TITLES} */ (name)] : "");
  const dead = status?.counts.dead > 0 ? `(${status.counts.dead} dead) ` : "";
  document.title = `${dead}${what && `${what} - `}queuectl`;
}

/** @param {string | undefined} sentence what keeps the page from being up to date */
function trouble(sentence) {
  const place = byId("trouble");
  place.hidden = sentence === undefined;
  if (place.textContent !== (sentence ?? "")) place.textContent = sentence ?? "";
}

/** @param {any} news */
function changed(news) {
  status = news;
  trouble(undefined);
  retitle();
  byId("location").textContent = news.data_dir;
  const pause = byId("pause");
  pause.hidden = readOnly;
  pause.textContent = news.paused ? "Resume" : "Pause";
  byId("enqueue").hidden = readOnly;
  view?.changed(news);
}

/** @param {"open" | "cut off" | "refused"} state */
function connection(state) {
  const live = byId("live");
  live.className = state === "open" ? "on" : "off";
  live.textContent = state === "open" ? "live" : "cut off, trying again";
  if (state === "refused") {
    api("GET", "/status").catch((error) => {
      if (error instanceof Unauthorized) askForToken();
    });
  }
}

function askForToken() {
  const wasWrong = address().name === "wrong-token";
  const back = wasWrong ? "" : location.hash;
  stop();
  view?.close?.();
  view = undefined;
  const input = h("input", { type: "password", autocomplete: "off", required: true });
  const enter = (/** @type {Event} */ event) => {
    event.preventDefault();
    location.href = `/?token=${encodeURIComponent(input.value)}${back}`;
  };
  byId("live").textContent = "not let in";
  show(
    main,
    h(
      "form",
      { class: "card", submit: enter },
      h("h2", {}, "Who are you?"),
      wasWrong && h("p", { class: "error", role: "alert" }, "That token was wrong."),
      h("p", {}, "Open the link that queuectl web has printed, or enter its token."),
      h("label", {}, "Token", input),
      h("div", { class: "buttons" }, h("button", { class: "primary" }, "Enter")),
    ),
  );
}

/** The server says something every second. */
const SILENCE_MS = 5_000;

const stop = listen(
  "/events",
  {
    status: (data) => changed(JSON.parse(data)),
    changed: () => view?.changed(status),
    tick: () => {},
    failed: (data) => trouble(JSON.parse(data)),
  },
  connection,
  SILENCE_MS,
);

setInterval(refreshTimes, 1000);
let shown = address();
addEventListener("hashchange", () => {
  const before = shown;
  shown = address();
  const key = document.activeElement?.getAttribute("data-key");
  route();
  // A filter of the same list leaves a reader where he is.
  const isSame = before.name === shown.name && before.rest === shown.rest;
  const again = isSame && key ? main.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  else main.focus();
});
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
byId("pause").addEventListener(
  "click",
  () => attempt(() => api("POST", status?.paused ? "/resume" : "/pause")),
);
byId("enqueue").addEventListener("click", () => enqueueDialog());
addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof Element &&
    event.target.closest("input, textarea, select, dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("input[type=search]")?.dispatchEvent(new Event("wanted"));
  }
  if (event.key === "n" && !readOnly) {
    event.preventDefault();
    enqueueDialog();
  }
});
route();
