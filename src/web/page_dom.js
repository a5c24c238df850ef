// @ts-check
/// <reference lib="dom" />
/**
 * What the page is made of. Text from outside only ever becomes text: nothing here or elsewhere in
 * the page makes HTML of a string.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * What listens, by element and event: so an element that stays can be given the listeners of the one
 * that would have taken its place, and speaks of what is shown now.
 *
 * @type {WeakMap<Node, Map<string, EventListener>>}
 */
const listeners = new WeakMap();

/**
 * @param {Node} element
 * @param {string} event
 * @param {EventListener} listener
 */
function on(element, event, listener) {
  const known = listeners.get(element) ?? new Map();
  listeners.set(element, known);
  if (!known.has(event)) {
    element.addEventListener(event, (happened) => known.get(event)?.(happened));
  }
  known.set(event, listener);
}

/**
 * An element. A property that is a function is a listener; false, null and undefined leave it out.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, unknown>} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") on(element, key, /** @type {EventListener} */ (value));
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...childNodes(children));
  return element;
}

/**
 * @param {readonly Child[]} children
 * @returns {(Node | string)[]}
 */
function childNodes(children) {
  return children.flatMap((child) =>
    child === null || child === undefined || child === false
      ? []
      : [child instanceof Node ? child : String(child)]
  );
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** Colours, links and the like of a terminal; what else is no text; and what turns text around. */
// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from outside as it can be shown.
 *
 * @param {string} text
 */
export function clean(text) {
  return text.replace(ESCAPES, "").replace(CONTROLS, "\ufffd");
}

/** True if nothing may be changed. */
export const readOnly = document.body.dataset.readOnly === "true";

export const STATES = ["pending", "processing", "completed", "failed", "dead", "cancelled"];

/**
 * The word, with a colour.
 *
 * @param {string} state
 */
export function stateBadge(state) {
  return h("span", { class: `state state-${state}` }, state);
}

/**
 * Seconds for people: the largest two units.
 *
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10}s`;
  const whole = Math.round(seconds);
  const parts = /** @type {const} */ ([
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ]);
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts.slice(first, first + 2).filter(([amount]) => amount > 0)
    .map(([amount, unit]) => amount + unit).join(" ");
}

/**
 * A time: how far from now, and in full when pointed at. It goes on by itself.
 *
 * @param {string | null | undefined} time ISO 8601
 */
export function when(time) {
  if (!time) return h("span", {}, "-");
  return h("time", { datetime: time, title: new Date(time).toLocaleString() }, relative(time));
}

/** @param {string} time */
function relative(time) {
  const seconds = (Date.parse(time) - Date.now()) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds > 0
    ? `in ${duration(Math.round(seconds))}`
    : `${duration(Math.round(-seconds))} ago`;
}

/** Brings all times that are shown up to date. */
export function refreshTimes() {
  for (const element of document.querySelectorAll("time")) {
    const text = relative(element.dateTime);
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * Makes the content of an element new, unless it is the same already: so the focus, a selection and
 * a reader's place stay where they are.
 *
 * @param {HTMLElement} parent
 * @param {...Child} children
 */
export function show(parent, ...children) {
  const focused = document.activeElement;
  const place = focused instanceof HTMLElement && parent.contains(focused)
    ? focusable(parent).indexOf(focused)
    : -1;
  morph(
    parent,
    childNodes(children).map((child) =>
      typeof child === "string" ? document.createTextNode(child) : child
    ),
  );
  if (place < 0 || focused?.isConnected) return;
  // Whoever works with the keyboard goes on with what has taken its place.
  const left = focusable(parent);
  (left[Math.min(place, left.length - 1)] ?? byId("main")).focus({ preventScroll: true });
}

/**
 * What can have the focus, in order.
 *
 * @param {Element} parent
 * @returns {HTMLElement[]}
 */
function focusable(parent) {
  return [...parent.querySelectorAll("a[href], button, input, select, textarea, [tabindex]")]
    .filter((element) => element instanceof HTMLElement);
}

/**
 * @param {Node} parent
 * @param {readonly Node[]} wanted
 */
function morph(parent, wanted) {
  const keys = new Set(wanted.map(keyOf));
  for (const child of [...parent.childNodes]) {
    if (keyOf(child) !== null && !keys.has(keyOf(child))) child.remove();
  }
  let place = parent.firstChild;
  for (const next of wanted) {
    const old = counterpart(parent, place, next);
    if (!old) {
      parent.insertBefore(next, place);
      continue;
    }
    if (old === place) place = place.nextSibling;
    else parent.insertBefore(old, place);
    if (old.nodeName === next.nodeName) update(old, next);
    else old.replaceWith(next);
  }
  while (place) {
    const surplus = place;
    place = place.nextSibling;
    surplus.remove();
  }
}

/**
 * What was there before: that with the same key or, of what has none, that in the same place.
 *
 * @param {Node} parent
 * @param {ChildNode | null} place
 * @param {Node} next
 * @returns {ChildNode | null | undefined}
 */
function counterpart(parent, place, next) {
  const key = keyOf(next);
  if (key === null) return place && keyOf(place) === null ? place : null;
  return [...parent.childNodes].find((child) => keyOf(child) === key);
}

/** @param {Node} node */
function keyOf(node) {
  return node instanceof Element ? node.getAttribute("data-key") : null;
}

/**
 * @param {Node} old
 * @param {Node} next
 */
function update(old, next) {
  if (!(old instanceof Element) || !(next instanceof Element)) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const [event, listener] of listeners.get(next) ?? []) on(old, event, listener);
  morph(old, [...next.childNodes]);
}

/**
 * Says something for a moment.
 *
 * @param {string} sentence
 */
export function notify(sentence) {
  const notice = h("p", {}, sentence);
  byId("notices").append(notice);
  setTimeout(() => notice.remove(), 6000);
}

/**
 * Does something, and says what went wrong if it does.
 *
 * @param {() => Promise<unknown>} work
 */
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error));
  }
}

/**
 * A button that does something, once at a time.
 *
 * @param {string} label
 * @param {() => Promise<unknown>} work
 * @param {Record<string, unknown>} [properties]
 */
export function action(label, work, properties = {}) {
  const click = (/** @type {Event} */ event) =>
    once(/** @type {HTMLButtonElement} */ (event.currentTarget), () => attempt(work));
  return h("button", { type: "button", click, ...properties }, label);
}

/**
 * Does something that a button has asked for; until it is done the button asks for nothing more.
 *
 * @param {HTMLButtonElement} button
 * @param {() => Promise<unknown>} work
 */
export async function once(button, work) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    await work();
  } finally {
    button.ariaBusy = null;
  }
}

/**
 * One line of a form.
 *
 * @param {string} label
 * @param {Record<string, unknown>} properties of what is typed into
 */
export function field(label, properties) {
  return h("label", {}, label, h("input", { autocomplete: "off", ...properties }));
}

/**
 * A dialog that is gone when it is closed.
 *
 * @param {string} title
 * @param {...Child} children
 */
export function openDialog(title, ...children) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, heading, ...children);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something that cannot be undone.
 *
 * @param {string} question
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function ask(question, yes) {
  return new Promise((resolve) => {
    const dialog = openDialog(
      question,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", autofocus: true, click: () => dialog.close() }, "No"),
        h("button", { type: "button", class: "danger", click: () => dialog.close("yes") }, yes),
      ),
    );
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
  });
}

/**
 * @param {string} caption
 * @param {readonly string[]} titles
 * @param {readonly HTMLElement[]} rows
 */
export function tableOf(caption, titles, rows) {
  // Where the page is narrow a row is no line any more, and each cell says what it is.
  for (const row of rows) {
    for (const [index, cell] of [...row.children].entries()) {
      cell.setAttribute("data-label", titles[index] ?? "");
    }
  }
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      {},
      h("caption", { class: "hidden-label" }, caption),
      h("thead", {}, h("tr", {}, ...titles.map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, ...rows),
    ),
  );
}
