// @ts-check
/// <reference lib="dom" />
/** The form for a new job, with every field that a person may set. */
import { field, h, notify, once, openDialog } from "./page_dom.js";
import { api } from "./page_net.js";

const WORDS = /[\s,]+/;

/** @param {string} text */
function words(text) {
  return text.split(WORDS).filter((word) => word !== "");
}

/**
 * What the form says, as the API takes it.
 *
 * @param {FormData} form
 */
function jobOf(form) {
  const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
  /** @type {Record<string, unknown>} */
  const job = { command: String(form.get("command")) };
  for (const name of ["id", "cwd"]) if (text(name)) job[name] = text(name);
  for (const name of ["max_retries", "priority"]) if (text(name)) job[name] = Number(text(name));
  if (text("timeout_seconds")) job.timeout_seconds = text("timeout_seconds");
  if (text("run_at")) job.run_at = new Date(text("run_at")).toISOString();
  for (const name of ["depends_on", "tags"]) if (text(name)) job[name] = words(text(name));
  if (text("env")) {
    job.env = Object.fromEntries(
      text("env").split("\n").filter((line) => line.trim() !== "").map((line) => {
        const equals = line.indexOf("=");
        if (equals < 1) throw new Error(`'${line}' is no NAME=VALUE`);
        return [line.slice(0, equals).trim(), line.slice(equals + 1)];
      }),
    );
  }
  return job;
}

export function enqueueDialog() {
  const problem = h("p", { class: "error", role: "alert" });
  const send = h("button", { class: "primary" }, "Enqueue");
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    once(send, async () => {
      try {
        const { ids } = await api("POST", "/jobs", jobOf(new FormData(form)));
        dialog.close();
        notify(`${ids[0]} is in the queue`);
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error);
      }
    });
  };
  const form = h(
    "form",
    { submit },
    h(
      "div",
      { class: "grid" },
      h(
        "label",
        { class: "wide" },
        "Command",
        h("textarea", {
          name: "command",
          rows: 3,
          required: true,
          autofocus: true,
          spellcheck: "false",
        }),
      ),
      field("Id (made if empty)", { name: "id" }),
      field("Priority (higher first)", { name: "priority", type: "number", step: 1 }),
      field("Retries after the first run", {
        name: "max_retries",
        type: "number",
        min: 0,
        step: 1,
      }),
      field("Timeout (90s, 5m, 2h; 0 for none)", { name: "timeout_seconds" }),
      field("Not before", { name: "run_at", type: "datetime-local", step: 1 }),
      field("After these jobs (ids)", { name: "depends_on" }),
      field("Tags", { name: "tags" }),
      field("Directory", { name: "cwd" }),
      h(
        "label",
        { class: "wide" },
        "Environment (NAME=VALUE, one a line)",
        h("textarea", { name: "env", rows: 2, spellcheck: "false" }),
      ),
    ),
    problem,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", click: () => dialog.close() }, "Leave it"),
      send,
    ),
  );
  const dialog = openDialog("New job", form);
}
