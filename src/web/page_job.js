// @ts-check
/// <reference lib="dom" />
/** One job: its fields, its history, its log as it comes, and what can be done about it. */
import {
  action,
  ask,
  clean,
  duration,
  h,
  notify,
  readOnly,
  show,
  stateBadge,
  tableOf,
  when,
} from "./page_dom.js";
import { api, calmly, listen } from "./page_net.js";

/** About how many characters of a log the page keeps, the last ones; the whole of it is behind a link. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** It is kept in pieces of about this many, which are dropped one at a time. */
const PIECE = 64 * 1024;

/** So near to its end, in pixels, a log is read as it comes. */
const AT_END = 32;

/**
 * @param {HTMLElement} main
 * @param {string} id
 * @returns {import("./page_app.js").View}
 */
export function jobView(main, id) {
  const path = `/jobs/${encodeURIComponent(id)}`;
  const about = h("section", { class: "card", "aria-label": `Job ${id}` });
  const history = h("section", { class: "card", "aria-label": "History" });
  const log = logCard(path);
  main.append(about, log.element, history);
  let closed = false;
  const load = calmly(async () => {
    try {
      const job = await api("GET", path);
      if (closed) return;
      show(about, ...describe(job, path));
      show(history, ...historyOf(job, log.open));
      log.follow(job);
    } catch (error) {
      if (closed) return;
      show(
        about,
        h("p", { class: "empty" }, error instanceof Error ? error.message : String(error)),
      );
      show(history);
    }
  });
  const close = () => {
    closed = true;
    log.close();
  };
  return { changed: load, close };
}

/**
 * @param {any} job
 * @param {string} path
 */
function describe(job, path) {
  const fields = [
    ["Command", h("span", { class: "mono tall", tabindex: "0" }, clean(job.command))],
    ["Runs", `${job.attempts} of ${job.max_retries + 1}`],
    ["Priority", job.priority ?? 0],
    ["Next run", job.run_at && when(job.run_at)],
    [
      "Depends on",
      job.depends_on && h(
        "span",
        {},
        ...job.depends_on.map((/** @type {string} */ other) =>
          h("a", { href: `#/jobs/${encodeURIComponent(other)}` }, `${other} `)
        ),
      ),
    ],
    ["Tags", job.tags?.join(", ")],
    ["Directory", job.cwd],
    [
      "Environment",
      job.env && h(
        "span",
        { class: "mono" },
        Object.entries(job.env).map(([name, value]) => `${name}=${value}`).join("\n"),
      ),
    ],
    [
      "Timeout",
      job.timeout_seconds === undefined
        ? undefined
        : job.timeout_seconds === 0
        ? "none"
        : duration(job.timeout_seconds),
    ],
    ["Enqueued", when(job.created_at)],
    ["Started", job.started_at && when(job.started_at)],
    ["Finished", job.finished_at && when(job.finished_at)],
    ["Worker", job.worker],
    ["Exit code", job.exit_code],
    ["Error", job.error && h("span", { class: "error" }, clean(job.error))],
  ];
  return [
    h(
      "div",
      { class: "row apart" },
      h("h2", {}, job.id, " ", stateBadge(job.state)),
      buttons(job, path),
    ),
    h(
      "dl",
      { class: "fields" },
      ...fields.flatMap(([name, value]) =>
        value === undefined || value === null || value === ""
          ? []
          : [h("dt", {}, name), h("dd", {}, value)]
      ),
    ),
  ];
}

/**
 * @param {any} job
 * @param {string} path
 */
function buttons(job, path) {
  if (readOnly) return null;
  const isEnded = ["completed", "dead", "cancelled"].includes(job.state);
  return h(
    "div",
    { class: "row" },
    job.state === "failed" && action("Retry now", () => api("POST", `${path}/retry`)),
    ["dead", "cancelled"].includes(job.state) &&
      action("Retry", () => api("POST", `${path}/retry`)),
    job.state === "completed" && action("Run again", () => api("POST", `${path}/retry?force`)),
    !isEnded && action("Cancel", async () => {
      const running = job.state === "processing";
      if (!running || await ask(`Cancel ${job.id}? It is running, and is ended.`, "Cancel it")) {
        await api("POST", `${path}/cancel`);
      }
    }, { class: "danger", "data-key": `cancel ${job.state}` }),
    job.state !== "processing" && action("Delete", async () => {
      if (!await ask(`Delete ${job.id}, with its history and logs?`, "Delete")) return;
      await api("DELETE", path);
      notify(`${job.id} is gone`);
      location.hash = "#/jobs";
    }, { class: "danger" }),
  );
}

/**
 * @param {any} job
 * @param {(run: string) => void} openLog
 */
function historyOf(job, openLog) {
  const runs = job.history ?? [];
  if (runs.length === 0) {
    return [h("h2", {}, "History"), h("p", { class: "soft" }, "No run has ended yet.")];
  }
  return [
    h("h2", {}, "History"),
    tableOf(
      "Runs, the newest first",
      ["Attempt", "Started", "Waited", "Took", "Worker", "Result", "Log"],
      runs.toReversed().map((/** @type {any} */ run) =>
        h(
          "tr",
          { "data-key": run.run },
          h("td", {}, run.attempt),
          h("td", {}, when(run.started_at)),
          h("td", {}, run.waited_seconds === undefined ? "-" : duration(run.waited_seconds)),
          h(
            "td",
            {},
            duration(
              Math.max(0, Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000,
            ),
          ),
          h("td", {}, run.worker),
          h(
            "td",
            { class: run.error ? "error wide" : "wide" },
            run.error ? clean(run.error) : `exit code ${run.exit_code}`,
          ),
          h(
            "td",
            {},
            h("button", {
              type: "button",
              class: "small",
              "aria-label": `Show the log of attempt ${run.attempt}`,
              click: () => openLog(run.run),
            }, "Show"),
          ),
        )
      ),
    ),
  ];
}

/** @param {string} path */
function logCard(path) {
  const title = h("h2", {}, "Log");
  const whole = h("a", { href: `/api${path}/log`, target: "_blank", hidden: true }, "as a file");
  const text = h("pre", { class: "log", tabindex: "0", "aria-label": "Output" });
  const element = h(
    "section",
    { class: "card", "aria-label": "Log" },
    h("div", { class: "row apart" }, title, whole),
    text,
  );
  /** @type {string | undefined} */
  let run;
  /** True once a person has chosen a run: then no other is shown by itself. */
  let chosen = false;
  let stop = () => {};
  let scrolls = false;
  let characters = 0;

  const empty = () => {
    text.replaceChildren();
    characters = 0;
  };
  const say = (/** @type {string} */ sentence) =>
    text.replaceChildren(h("span", { class: "soft" }, sentence));
  const open = (/** @type {string} */ wanted) => {
    stop();
    run = wanted;
    const query = `?run=${encodeURIComponent(wanted)}`;
    empty();
    title.textContent = "Log, live";
    whole.href = `/api${path}/log${query}`;
    whole.hidden = false;
    stop = listen(`${path}/log/events${query}`, {
      text: (data) => add(JSON.parse(data)),
      skipped: (data) => add(`[the first ${data} bytes are left out]\n`),
      end: () => {
        stop();
        title.textContent = "Log";
        if (text.childNodes.length === 0) say("This run has printed nothing.");
      },
      failed: (data) => say(`The log cannot be had now: ${JSON.parse(data)}`),
    }, (state) => {
      if (state === "open") empty();
      if (state !== "refused") return;
      stop();
      title.textContent = "Log";
      say("The log cannot be had now.");
    });
  };
  const add = (/** @type {string} */ more) => {
    // What a terminal would write over stands on a line of its own here.
    const shown = clean(more.replace(/\r\n?/g, "\n"));
    // Whoever reads further up is left there.
    const isAtEnd = text.scrollHeight - text.scrollTop - text.clientHeight < AT_END;
    characters += shown.length;
    const last = text.lastChild;
    if (last instanceof Text && last.length < PIECE) last.appendData(shown);
    else text.append(shown);
    if (characters > MOST_CHARACTERS) cut();
    if (scrolls || !isAtEnd) return;
    scrolls = true;
    requestAnimationFrame(() => {
      scrolls = false;
      text.scrollTop = text.scrollHeight;
    });
  };
  /** The beginning goes. */
  const cut = () => {
    const note = "[what came before is in the file]\n";
    while (characters > MOST_CHARACTERS && text.firstChild !== text.lastChild) {
      characters -= text.firstChild?.textContent?.length ?? 0;
      text.firstChild?.remove();
    }
    text.prepend(note);
    characters += note.length;
  };
  return {
    element,
    open: (/** @type {string} */ wanted) => {
      chosen = true;
      open(wanted);
      element.scrollIntoView({ block: "nearest" });
    },
    /** Shows the newest run of a job. */
    follow: (/** @type {any} */ job) => {
      const newest = job.run ?? job.history?.at(-1)?.run;
      if (newest === undefined) say("It has not run yet.");
      else if (!chosen && newest !== run) open(newest);
    },
    close: () => stop(),
  };
}
