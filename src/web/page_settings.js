// @ts-check
/// <reference lib="dom" />
/** The settings, checked by the server as on the command line. */
import { action, attempt, h, notify, readOnly, show } from "./page_dom.js";
import { api, calmly } from "./page_net.js";

/**
 * @param {HTMLElement} main
 * @returns {import("./page_app.js").View}
 */
export function settingsView(main) {
  const card = h("section", { class: "card", "aria-label": "Settings" });
  main.append(card);
  let closed = false;
  const load = calmly(async () => {
    const heading = h("h2", {}, "Settings");
    try {
      const { config } = await api("GET", "/config");
      if (!closed) showAll(card, config);
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      if (!closed) show(card, heading, h("p", { class: "empty" }, sentence));
    }
  });
  load();
  return { changed: load, close: () => closed = true };
}

/** @typedef {{ value: string | number, default: string | number, source: string, brief: string }} Setting */

/**
 * @param {HTMLElement} card
 * @param {Record<string, Setting>} config
 */
function showAll(card, config) {
  show(
    card,
    h("h2", {}, "Settings"),
    h("p", { class: "soft" }, "A change works at once, for running workers too."),
    ...Object.entries(config).map(([key, setting]) => row(card, key, setting)),
  );
}

/**
 * @param {HTMLElement} card
 * @param {string} key
 * @param {Setting} setting
 */
function row(card, key, setting) {
  const isText = typeof setting.default === "string";
  const input = h("input", {
    type: "text",
    value: setting.value,
    "aria-describedby": `about-${key}`,
    disabled: readOnly,
    size: isText ? 40 : 12,
  });
  /**
   * Shows what the server answers; what was typed is the setting now, or nothing any more.
   *
   * @param {HTMLFormElement} form
   * @param {() => Promise<{ config: Record<string, Setting> }>} change
   */
  const settle = (form, change) =>
    attempt(async () => {
      const { config } = await change();
      showAll(card, config);
      form.reset();
      notify(`${key} = ${config[key]?.value}`);
    });
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const value = form.querySelector("input")?.value;
    settle(form, () => api("PUT", `/config/${key}`, { value }));
  };
  const unset = async () => {
    const form = /** @type {HTMLFormElement} */ (card.querySelector(`[data-key="${key}"]`));
    await settle(form, () => api("DELETE", `/config/${key}`));
  };
  const isChanged = setting.source !== "default";
  return h(
    "form",
    { class: "row", "data-key": key, submit: save },
    h("label", {}, h("span", { class: "mono" }, key), input),
    !readOnly && h("button", { class: "small", "aria-label": `Save ${key}` }, "Save"),
    h(
      "span",
      { class: "soft", id: `about-${key}` },
      `${setting.brief} (default ${setting.default === "" ? "none" : setting.default})`,
    ),
    !readOnly && isChanged &&
      action("Default", unset, { class: "small", "aria-label": `Set ${key} to its default` }),
  );
}
