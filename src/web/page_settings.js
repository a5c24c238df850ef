// @ts-check
/// <reference lib="dom" />
/** The settings, checked by the server as on the command line. */
import { action, attempt, h, notify, readOnly } from "./page_dom.js";
import { api } from "./page_net.js";

/**
 * @param {HTMLElement} main
 * @returns {import("./page_app.js").View}
 */
export function settingsView(main) {
  const card = h("section", { class: "card", "aria-label": "Settings" });
  main.append(card);
  attempt(async () => {
    const { config } = await api("GET", "/config");
    card.replaceChildren(
      h("h2", {}, "Settings"),
      h("p", { class: "soft" }, "A change works at once, for running workers too."),
      ...Object.entries(config).map(([key, setting]) => row(key, setting)),
    );
  });
  return { changed: () => {} };
}

/**
 * @param {string} key
 * @param {{ value: string | number, default: string | number, source: string, brief: string }} setting
 */
function row(key, setting) {
  const isText = typeof setting.default === "string";
  const input = h("input", {
    type: "text",
    value: setting.value,
    "aria-describedby": `about-${key}`,
    disabled: readOnly,
    size: isText ? 40 : 12,
  });
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    attempt(async () => {
      const { config } = await api("PUT", `/config/${key}`, { value: input.value });
      notify(`${key} = ${config[key].value}`);
      form.replaceWith(row(key, config[key]));
    });
  };
  const isChanged = setting.source !== "default";
  const form = h(
    "form",
    { class: "row", submit: save },
    h("label", {}, h("span", { class: "mono" }, key), input),
    !readOnly && h("button", { class: "small", "aria-label": `Save ${key}` }, "Save"),
    !readOnly && isChanged &&
      action("Default", async () => {
        const { config } = await api("DELETE", `/config/${key}`);
        form.replaceWith(row(key, config[key]));
      }, {
        class: "small",
        "aria-label": `Set ${key} to its default`,
      }),
    h(
      "span",
      { class: "soft", id: `about-${key}` },
      `${setting.brief} (default ${setting.default === "" ? "none" : setting.default})`,
    ),
  );
  return form;
}
