import { checkValue, CONFIG_KEYS, type ConfigKey, findKey, SETTINGS } from "../model/config.ts";
import type { Context } from "./context.ts";
import { printJson, printLine } from "./output.ts";
import { printTable } from "./print_table.ts";

export interface ConfigFlags {
  readonly "json"?: boolean;
}

/** `config list`: every setting. */
export async function configList(this: Context, flags: ConfigFlags): Promise<void> {
  const { stored, complete } = await this.withQueue((queue) => queue.config());
  const source = (key: ConfigKey): string => key in stored ? "config.json" : "default";
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
  const { complete } = await this.withQueue((queue) => queue.config());
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
  await this.withQueue((queue) => queue.setConfig(named.key, checked));
  printLine(this.stdout, `${named.key} = ${checked}`);
}

/** `config unset`. */
export async function configUnset(
  this: Context,
  _flags: Record<never, never>,
  word: string,
): Promise<void> {
  const { key } = findKey(word);
  await this.withQueue((queue) => queue.unsetConfig(key));
  printLine(this.stdout, `${key} = ${SETTINGS[key].default}`);
}
