// @ts-check
/// <reference lib="dom" />
/** The frame of the page: which view is shown, the live state, and what is always there. */
import { attempt, byId, h, readOnly, refreshTimes, show } from "./page_dom.js";
import { enqueueDialog } from "./page_enqueue.js";
import { jobView } from "./page_job.js";
import { deadView, jobsView } from "./page_jobs.js";
import { api, listen, Unauthorized } from "./page_net.js";
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
  if (name === "jobs" && rest !== "") return jobView(main, decodeURIComponent(rest));
  if (name === "dlq") return deadView(main, query);
  if (name === "workers") return workersView(main);
  if (name === "settings") return settingsView(main);
  return jobsView(main, query);
}

function route() {
  const [path = "", search = ""] = location.hash.replace(/^#\//, "").split("?");
  const slash = path.indexOf("/");
  const name = (slash < 0 ? path : path.slice(0, slash)) || "jobs";
  view?.close?.();
  main.replaceChildren();
  view = open(name, slash < 0 ? "" : path.slice(slash + 1), new URLSearchParams(search));
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (status) view.changed(status);
}

/** @param {any} news */
function changed(news) {
  status = news;
  byId("location").textContent = news.data_dir;
  document.title = news.counts.dead > 0 ? `(${news.counts.dead} dead) queuectl` : "queuectl";
  const pause = byId("pause");
  pause.hidden = readOnly;
  pause.textContent = news.paused ? "Resume" : "Pause";
  byId("enqueue").hidden = readOnly;
  view?.changed(news);
}

/** @param {boolean} isOpen */
function connection(isOpen) {
  const live = byId("live");
  live.className = isOpen ? "on" : "off";
  live.textContent = isOpen ? "live" : "cut off, trying again";
  if (!isOpen) {
    api("GET", "/status").catch((error) => {
      if (error instanceof Unauthorized) askForToken();
    });
  }
}

function askForToken() {
  stop();
  view?.close?.();
  view = undefined;
  const input = h("input", { type: "password", autocomplete: "off", required: true });
  const enter = (/** @type {Event} */ event) => {
    event.preventDefault();
    location.href = `/?token=${encodeURIComponent(input.value)}`;
  };
  byId("live").textContent = "not let in";
  show(
    main,
    h(
      "form",
      { class: "card", submit: enter },
      h("h2", {}, "Who are you?"),
      h("p", {}, "Open the link that queuectl web has printed, or enter its token."),
      h("label", {}, "Token", input),
      h("div", { class: "buttons" }, h("button", { class: "primary" }, "Enter")),
    ),
  );
}

const stop = listen("/events", {
  status: (data) => changed(JSON.parse(data)),
  tick: () => {},
}, connection);

setInterval(refreshTimes, 1000);
addEventListener("hashchange", () => {
  route();
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
