// @ts-check
/// <reference lib="dom" />
/** Lists of jobs: all of them with counts, plots, search and pages; and the dead ones. */
import {
  action,
  ask,
  clean,
  h,
  readOnly,
  show,
  stateBadge,
  STATES,
  tableOf,
  when,
} from "./page_dom.js";
import { api, calmly } from "./page_net.js";
import { plots } from "./page_plots.js";

const PAGE = 50;

/** @typedef {import("./page_app.js").View} View */

/**
 * A list that keeps itself up to date, with search and pages.
 *
 * @param {HTMLElement} place
 * @param {string} address the view's own, without its query
 * @param {URLSearchParams} query
 * @param {string} path of the API
 * @param {(jobs: any[], unmet: Record<string, string[]>) => HTMLElement} table
 * @param {string} none what to say where there is none at all
 */
function list(place, address, query, path, table, none) {
  let cursors = (query.get("pages") ?? "").split(",").filter((cursor) => cursor !== "");
  const hrefOf = (/** @type {Record<string, string>} */ changes) => {
    const next = new URLSearchParams(query);
    next.delete("pages");
    for (const [name, value] of Object.entries(changes)) {
      if (value === "") next.delete(name);
      else next.set(name, value);
    }
    return next.size > 0 ? `${address}?${next}` : address;
  };
  const go = (/** @type {Record<string, string>} */ changes) => {
    location.hash = hrefOf(changes);
  };
  /** Narrows the list in its place, so that whoever types stays in the field. */
  const narrow = (/** @type {string} */ name, /** @type {string} */ value) => {
    if (closed || value === (query.get(name) ?? "")) return;
    if (value === "") query.delete(name);
    else query.set(name, value);
    query.delete("pages");
    cursors = [];
    history.replaceState(null, "", hrefOf({}));
    load();
  };
  const search = field(
    "Search",
    "search",
    query.get("search") ?? "",
    "id, command or tag",
    (text) => narrow("search", text),
  );
  const tag = field("Tag", "text", query.get("tag") ?? "", "tag", (text) => narrow("tag", text));
  const rows = h("div");
  const foot = h("div", { class: "row apart" });
  place.append(h("div", { class: "row" }, search, tag), rows, foot);

  const isNarrowed = () => ["state", "search", "tag"].some((name) => query.get(name));
  let closed = false;
  const load = calmly(async () => {
    const wanted = new URLSearchParams({ limit: String(PAGE) });
    for (const name of ["state", "search", "tag"]) {
      const value = query.get(name);
      if (value) wanted.set(name, value);
    }
    const cursor = cursors.at(-1);
    if (cursor) wanted.set("cursor", cursor);
    try {
      const page = await api("GET", `${path}?${wanted}`);
      if (closed) return;
      const first = cursors.length * PAGE + 1;
      show(
        rows,
        page.total === 0
          ? h("p", { class: "empty" }, isNarrowed() ? "No job is like that." : none)
          : table(page.jobs, page.unmet),
      );
      const link = (/** @type {string} */ label, /** @type {string[]} */ pages) =>
        h("a", { class: "button", href: hrefOf({ pages: pages.join(",") }) }, label);
      show(
        foot,
        h(
          "span",
          { class: "soft" },
          page.jobs.length === 0
            ? ""
            : `${first} to ${first + page.jobs.length - 1} of ${page.total}`,
        ),
        h(
          "span",
          { class: "row" },
          cursors.length > 0 && link("Newer", cursors.slice(0, -1)),
          page.cursor !== null && link("Older", [...cursors, page.cursor]),
        ),
      );
    } catch (error) {
      if (closed) return;
      const sentence = error instanceof Error ? error.message : String(error);
      show(
        rows,
        h("p", { class: "empty" }, sentence, " ", h("a", { href: address }, "Show all of them")),
      );
      show(foot);
    }
  });
  return { load, go, close: () => closed = true };
}

/** Whoever types on within this time has not finished yet, in milliseconds. */
const REST_MS = 300;

/**
 * A field whose text counts when it has rested for a moment.
 *
 * @param {string} label
 * @param {string} type
 * @param {string} value
 * @param {string} placeholder
 * @param {(text: string) => void} onText
 */
function field(label, type, value, placeholder, onText) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const tell = () => {
    clearTimeout(timer);
    onText(input.value.trim());
  };
  const rest = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, REST_MS);
  };
  const input = h("input", { type, value, placeholder, input: rest, change: tell, search: tell });
  input.addEventListener("wanted", () => input.focus());
  return h("label", {}, h("span", { class: "hidden-label" }, label), input);
}

/** @param {any} job */
function link(job) {
  return h("a", { href: `#/jobs/${encodeURIComponent(job.id)}` }, job.id);
}

/**
 * @param {any} job
 * @param {string[] | undefined} unmet the jobs that it waits for
 */
function nextRun(job, unmet) {
  if (job.state !== "pending" && job.state !== "failed") {
    return when(job.finished_at ?? job.started_at);
  }
  if (job.run_at && Date.parse(job.run_at) > Date.now()) return when(job.run_at);
  return h("span", {}, unmet ? `after ${unmet.join(", ")}` : "due");
}

/**
 * @param {any[]} jobs
 * @param {Record<string, string[]>} unmet
 */
function jobTable(jobs, unmet) {
  return tableOf(
    "Jobs, the newest first",
    ["Id", "State", "Runs", "Priority", "When", "Command"],
    jobs.map((job) =>
      h(
        "tr",
        { "data-key": job.id },
        h("td", { class: "id" }, link(job)),
        h("td", {}, stateBadge(job.state)),
        h("td", { class: "number" }, `${job.attempts}/${job.max_retries + 1}`),
        h("td", { class: "number" }, job.priority ?? 0),
        h("td", {}, nextRun(job, Object.hasOwn(unmet, job.id) ? unmet[job.id] : undefined)),
        h(
          "td",
          { class: "command" },
          shorten(job.command),
          " ",
          ...(job.tags ?? []).map((/** @type {string} */ tag) => h("span", { class: "tag" }, tag)),
        ),
      )
    ),
  );
}

const LONGEST_COMMAND = 200;

/** @param {string} command */
function shorten(command) {
  const line = clean(command.slice(0, LONGEST_COMMAND).trimEnd().replace(/\n/g, " ⏎ "));
  return command.length > LONGEST_COMMAND ? `${line}…` : line;
}

/** @param {any[]} jobs */
function deadTable(jobs) {
  return tableOf(
    "Dead jobs, the newest first",
    ["Id", "Runs", "Died", "Last error", "Command", "What to do"],
    jobs.map((job) =>
      h(
        "tr",
        { "data-key": job.id },
        h("td", { class: "id" }, link(job)),
        h("td", { class: "number" }, `${job.attempts}/${job.max_retries + 1}`),
        h("td", {}, when(job.finished_at ?? job.updated_at)),
        h("td", { class: "error wide" }, clean(job.error ?? "")),
        h("td", { class: "command" }, shorten(job.command)),
        h(
          "td",
          { class: "buttons-cell" },
          !readOnly &&
            action("Retry", () => api("POST", `/jobs/${encodeURIComponent(job.id)}/retry`), {
              class: "small",
              "aria-label": `Retry ${job.id}`,
            }),
          !readOnly && action("Delete", async () => {
            if (await ask(`Delete ${job.id}, with its history and logs?`, "Delete")) {
              await api("DELETE", `/jobs/${encodeURIComponent(job.id)}`);
            }
          }, { class: "small danger", "aria-label": `Delete ${job.id}` }),
        ),
      )
    ),
  );
}

/**
 * All jobs.
 *
 * @param {HTMLElement} main
 * @param {URLSearchParams} query
 * @returns {View}
 */
export function jobsView(main, query) {
  const counts = h("div", { class: "counts", role: "group", "aria-label": "Jobs by state" });
  const notes = h("div");
  const figures = plots();
  const card = h("section", { class: "card", "aria-label": "Jobs" });
  main.append(notes, counts, figures.element, card);
  const { load, go, close } = list(
    card,
    "#/jobs",
    query,
    "/jobs",
    jobTable,
    "There is no job yet.",
  );
  const chosen = query.get("state") ?? "";
  const chip = (/** @type {string} */ state, /** @type {number} */ count) => {
    const isChosen = chosen === state;
    return h(
      "button",
      {
        type: "button",
        class: `state-${state}`,
        "data-key": `chip ${state}`,
        "aria-pressed": String(isChosen),
        click: () => go({ state: isChosen ? "" : state }),
      },
      h("strong", {}, count),
      state,
    );
  };
  return {
    close,
    changed: (status) => {
      show(counts, ...STATES.map((state) => chip(state, status.counts[state])));
      const alive = status.workers.filter((/** @type {any} */ worker) => worker.alive).length;
      const waiting = status.counts.pending + status.counts.failed > 0;
      show(
        notes,
        status.paused && h("p", { class: "card banner" }, "Paused: nothing new is started."),
        alive === 0 && waiting &&
          h(
            "p",
            { class: "card banner" },
            "No worker runs: ",
            h("a", { href: "#/workers" }, "start some"),
            ".",
          ),
      );
      load();
      figures.load();
    },
  };
}

/**
 * The dead letter queue.
 *
 * @param {HTMLElement} main
 * @param {URLSearchParams} query
 * @returns {View}
 */
export function deadView(main, query) {
  const head = h("div", { class: "row apart" });
  const card = h("section", { class: "card", "aria-label": "Dead letters" }, head);
  main.append(card);
  const { load, close } = list(card, "#/dlq", query, "/dlq", deadTable, "No job is dead.");
  return {
    close,
    changed: (status) => {
      const { dead } = status.counts;
      show(
        head,
        h("h2", {}, `Dead letters: ${dead}`),
        !readOnly && dead > 0 && action("Retry all", async () => {
          if (await ask(`Retry all ${dead} dead jobs?`, "Retry all")) {
            await api("POST", "/dlq/retry");
          }
        }),
      );
      load();
    },
  };
}
