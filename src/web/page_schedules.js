// @ts-check
/// <reference lib="dom" />
/** The recurring jobs: what comes when, and what people do with that. */
import {
  action,
  ask,
  field,
  h,
  notify,
  once,
  openDialog,
  readOnly,
  show,
  tableOf,
  when,
} from "./page_dom.js";
import { api, calmly } from "./page_net.js";

/**
 * @param {HTMLElement} main
 * @returns {import("./page_app.js").View}
 */
export function schedulesView(main) {
  const list = h("div");
  main.append(
    h(
      "section",
      { class: "card", "aria-label": "Schedules" },
      h(
        "div",
        { class: "row apart" },
        h("h2", {}, "Schedules"),
        !readOnly && h(
          "button",
          { type: "button", class: "primary", click: () => addDialog(load) },
          "New schedule",
        ),
      ),
      list,
    ),
  );
  let closed = false;
  const load = calmly(async () => {
    try {
      const { schedules } = await api("GET", "/schedules");
      if (!closed) show(list, content(schedules, load));
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      if (!closed) show(list, h("p", { class: "empty" }, sentence));
    }
  });
  load();
  return { changed: load, close: () => closed = true };
}

/**
 * @param {any[]} schedules
 * @param {() => Promise<void>} load
 */
function content(schedules, load) {
  if (schedules.length === 0) return h("p", { class: "empty" }, "There is no schedule.");
  return tableOf(
    "Schedules",
    ["Name", "Pattern", "Time zone", "Next run", "Command", "What to do"],
    schedules.map((schedule) =>
      h(
        "tr",
        { "data-key": schedule.name },
        h("td", {}, schedule.name),
        h("td", { class: "mono whole" }, schedule.cron),
        h("td", {}, schedule.time_zone),
        h("td", {}, next(schedule)),
        h("td", { class: "mono" }, schedule.command),
        h("td", {}, ...(readOnly ? [] : actions(schedule, load))),
      )
    ),
  );
}

/** @param {any} schedule */
function next({ paused, next_run }) {
  if (paused) return "paused";
  return next_run === null ? "never" : when(next_run);
}

/**
 * @param {any} schedule
 * @param {() => Promise<void>} load
 */
function actions({ name, paused }, load) {
  const path = `/schedules/${encodeURIComponent(name)}`;
  const change = paused ? "Resume" : "Pause";
  return [
    action("Run", async () => {
      const { ids } = await api("POST", `${path}/run`);
      notify(`${ids[0]} is in the queue`);
    }, { class: "small", "aria-label": `Run ${name}` }),
    action(change, async () => {
      await api("POST", `${path}/${change.toLowerCase()}`);
      load();
    }, { class: "small", "aria-label": `${change} ${name}` }),
    action("Remove", async () => {
      if (!await ask(`Remove the schedule ${name}? Its jobs stay.`, "Remove")) return;
      await api("DELETE", path);
      load();
    }, { class: "small danger", "aria-label": `Remove ${name}` }),
  ];
}

/** @param {() => Promise<void>} load */
function addDialog(load) {
  const problem = h("p", { class: "error", role: "alert" });
  const send = h("button", { class: "primary" }, "Add");
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    once(send, async () => {
      try {
        const given = [...new FormData(form)].filter(([, text]) => String(text).trim() !== "");
        const { name } = await api("POST", "/schedules", Object.fromEntries(given));
        dialog.close();
        notify(`${name} is a schedule now`);
        load();
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
      field("Name", { name: "name", required: true, autofocus: true }),
      field("Pattern (minute hour day month weekday)", {
        name: "cron",
        required: true,
        placeholder: "0 3 * * *",
      }),
      field("Time zone (the server's if empty)", {
        name: "time_zone",
        placeholder: "Europe/Berlin",
      }),
      field("Directory", { name: "cwd" }),
      h(
        "label",
        { class: "wide" },
        "Command",
        h("textarea", { name: "command", rows: 3, required: true, spellcheck: "false" }),
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
  const dialog = openDialog("New schedule", form);
}
