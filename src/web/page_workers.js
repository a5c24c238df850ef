// @ts-check
/// <reference lib="dom" />
/** The workers: what each runs, and how to start and stop them. */
import {
  action,
  ask,
  attempt,
  h,
  notify,
  once,
  readOnly,
  show,
  tableOf,
  when,
} from "./page_dom.js";
import { api } from "./page_net.js";

/**
 * @param {HTMLElement} main
 * @returns {import("./page_app.js").View}
 */
export function workersView(main) {
  const count = h("input", {
    type: "number",
    min: 1,
    max: 64,
    value: 1,
    required: true,
    "aria-label": "How many workers",
  });
  const start = (/** @type {Event} */ event) => {
    event.preventDefault();
    once(send, () =>
      attempt(async () => {
        const { ids } = await api("POST", "/workers", { count: Number(count.value) });
        notify(`${ids.length} started`);
      }));
  };
  const send = h("button", { class: "primary" }, "Start workers");
  const list = h("div");
  main.append(
    h(
      "section",
      { class: "card", "aria-label": "Workers" },
      h(
        "div",
        { class: "row apart" },
        h("h2", {}, "Workers"),
        readOnly ? null : h(
          "form",
          { class: "row", submit: start },
          count,
          send,
        ),
      ),
      list,
    ),
  );
  return {
    changed: ({ workers }) =>
      show(
        list,
        workers.length === 0 ? h("p", { class: "empty" }, "No worker runs.") : table(workers),
      ),
  };
}

/** @param {any[]} workers */
function table(workers) {
  return tableOf(
    "Workers",
    ["Worker", "State", "Job", "Since", "Started", "Process", "What to do"],
    workers.map((worker) =>
      h(
        "tr",
        { "data-key": worker.id },
        h("td", {}, worker.id),
        h("td", {}, worker.alive ? (worker.stopping ? "stopping" : "alive") : "dead"),
        h(
          "td",
          {},
          worker.job
            ? h("a", { href: `#/jobs/${encodeURIComponent(worker.job)}` }, worker.job)
            : "idle",
        ),
        h("td", {}, when(worker.job_started_at)),
        h("td", {}, when(worker.started_at)),
        h("td", { class: "number" }, `${worker.pid} on ${worker.host}`),
        h(
          "td",
          {},
          !readOnly && worker.alive && !worker.stopping &&
            action("Stop", () => api("DELETE", `/workers/${encodeURIComponent(worker.id)}`), {
              class: "small",
              "aria-label": `Stop ${worker.id}`,
            }),
          !readOnly && worker.alive && worker.job && action("Stop now", async () => {
            if (await ask(`End what ${worker.id} runs, and put the job back?`, "Stop now")) {
              await api("DELETE", `/workers/${encodeURIComponent(worker.id)}?force`);
            }
          }, { class: "small danger", "aria-label": `Stop ${worker.id} now` }),
        ),
      )
    ),
  );
}
