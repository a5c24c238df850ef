// @ts-check
/// <reference lib="dom" />
/** The last hour, a bar for each minute: what ended, and how long it had waited. */
import { duration, h, show } from "./page_dom.js";
import { api, calmly } from "./page_net.js";

const WIDTH = 600;
const HEIGHT = 100;
const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/**
 * @param {string} label what it shows, for those who do not see it
 * @param {readonly (readonly { readonly kind: string, readonly value: number }[])[]} bars one for each minute, from below
 */
function barPlot(label, bars) {
  const highest = Math.max(
    1e-9,
    ...bars.map((bar) => bar.reduce((sum, { value }) => sum + value, 0)),
  );
  const svg = shape("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    class: "plot",
    role: "img",
    "aria-label": label,
  });
  svg.append(
    shape("line", { x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5, class: "base" }),
  );
  const step = WIDTH / bars.length;
  for (const [index, bar] of bars.entries()) {
    let y = HEIGHT;
    for (const { kind, value } of bar) {
      const height = value / highest * (HEIGHT - 4);
      y -= height;
      if (height > 0) {
        svg.append(shape("rect", { x: index * step + 1, y, width: step - 2, height, class: kind }));
      }
    }
  }
  return svg;
}

/**
 * @param {string} title
 * @param {string} figure
 * @param {SVGElement} plot
 */
function card(title, figure, plot) {
  return h(
    "section",
    { class: "card" },
    h("div", { class: "row apart" }, h("h2", {}, title), h("span", { class: "soft" }, figure)),
    plot,
    h("div", { class: "legend" }, h("span", {}, "an hour ago"), h("span", {}, "now")),
  );
}

export function plots() {
  const element = h("div", { class: "plots" });
  const load = calmly(async () => {
    const answer = await api("GET", "/metrics/last-hour").catch(() => undefined);
    if (!answer) return;
    /** @type {{ succeeded: number, failed: number, wait_seconds: number | null }[]} */
    const minutes = answer.minutes;
    const succeeded = minutes.reduce((sum, minute) => sum + minute.succeeded, 0);
    const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
    const longest = Math.max(0, ...minutes.map((minute) => minute.wait_seconds ?? 0));
    const ended = `${succeeded} succeeded, ${failed} failed`;
    const waited = `at most ${duration(longest)}`;
    show(
      element,
      card(
        "Runs in the last hour",
        ended,
        barPlot(
          `Runs by minute: ${ended}`,
          minutes.map((minute) => [
            { kind: "succeeded", value: minute.succeeded },
            { kind: "failed", value: minute.failed },
          ]),
        ),
      ),
      card(
        "Median wait for a start",
        waited,
        barPlot(
          `Median wait by minute: ${waited}`,
          minutes.map((minute) => [
            { kind: "wait", value: minute.wait_seconds ?? 0 },
          ]),
        ),
      ),
    );
  });
  return { element, load };
}
