import { checkValue, CONFIG_KEYS, type ConfigKey, findKey, SETTINGS } from "../model/config.ts";
import { hidePassword } from "../model/location.ts";
import type { Queue } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { printJson, printLine } from "./output.ts";
import { printTable } from "./print_table.ts";

export interface ConfigFlags {
  readonly "json"?: boolean;
}

/** Where the queue is stands in the data directory; every other setting is kept with the queue. */
function withConfig<T>(
  context: Context,
  key: ConfigKey,
  work: (queue: Queue) => Promise<T>,
): Promise<T> {
  const { directory } = context.location;
  return key === "store" ? context.withQueueAt({ directory }, work) : context.withQueue(work);
}

/** `config list`: every setting. */
export async function configList(this: Context, flags: ConfigFlags): Promise<void> {
  const kept = await this.withQueue((queue) => queue.config());
  const here = await withConfig(this, "store", (queue) => queue.config());
  const complete = { ...kept.complete, store: hidePassword(here.complete.store) };
  const source = (key: ConfigKey): string => {
    if (!(key in (key === "store" ? here : kept).stored)) return "default";
    return key === "store" || this.location.store === undefined ? "config.json" : "store";
  };
  if (flags.json) {
    const entries = CONFIG_KEYS.map((key) => [key, {
      value: complete[key],
      default: SETTINGS[key].default,
      source: source(key),
    }]);
    return printJson(this.stdout, { config: Object.fromEntries(entries) });
  }
  await printTable(
    this,
    [{ title: "SETTING" }, { title: "VALUE", align: "right" }, { title: "FROM" }, {
      title: "WHAT IT IS",
    }],
    CONFIG_KEYS.map((key) => [
      { text: key },
      { text: String(complete[key]) },
      { text: source(key) },
      { text: SETTINGS[key].brief },
    ]),
    "wrap",
  );
}

/** `config get`: the value alone, in the unit of the spelling. */
export async function configGet(
  this: Context,
  _flags: Record<never, never>,
  word: string,
): Promise<void> {
  const { key, scale } = findKey(word);
  const { complete } = await withConfig(this, key, (queue) => queue.config());
  const value = complete[key];
  printLine(this.stdout, String(typeof value === "number" ? value / scale : value));
}

/** `config set`. */
export async function configSet(
  this: Context,
  _flags: Record<never, never>,
  word: string,
  value: string,
): Promise<void> {
  const named = findKey(word);
  const checked = checkValue(named, value);
  await withConfig(this, named.key, (queue) => queue.setConfig(named.key, checked));
  const shown = named.key === "store" ? hidePassword(String(checked)) : checked;
  printLine(this.stdout, `${named.key} = ${shown}`);
}

/** `config unset`. */
export async function configUnset(
  this: Context,
  _flags: Record<never, never>,
  word: string,
): Promise<void> {
  const { key } = findKey(word);
  await withConfig(this, key, (queue) => queue.unsetConfig(key));
  printLine(this.stdout, `${key} = ${SETTINGS[key].default}`);
}
