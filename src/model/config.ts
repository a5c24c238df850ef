import { parseDuration } from "./duration.ts";
import { parseStore } from "./location.ts";
import { QueueError, unknownWord, usage } from "./errors.ts";

/** The settings, complete: what `config.json` says, and the defaults for the rest. */
export interface Config {
  readonly max_retries: number;
  readonly backoff_base: number;
  readonly backoff_max_seconds: number;
  readonly backoff_jitter: number;
  readonly poll_interval_ms: number;
  readonly lease_seconds: number;
  readonly job_timeout_seconds: number;
  readonly retention_days: number;
  readonly log_limit_bytes: number;
  readonly on_finish: string;
  readonly store: string;
}

export type ConfigKey = keyof Config;

/** What a setting may hold. */
export type ConfigValue = Config[ConfigKey];

/** One setting: what it is for, what it may be, and under what other name people know it. */
export type Setting = NumberSetting | TextSetting;

interface NumberSetting {
  readonly brief: string;
  readonly default: number;
  /** The range, and whether it must be whole. */
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
  /** Where a text may be a duration such as `5m`: how many seconds are one of it. */
  readonly seconds?: number;
  /** Another spelling, and how many of this key's units one of its units is. */
  readonly alias?: { readonly name: string; readonly scale: number };
}

interface TextSetting {
  readonly brief: string;
  readonly default: string;
  /** Bytes. */
  readonly longest: number;
  /** Throws what is wrong with a text. */
  readonly check?: (text: string) => unknown;
  readonly alias?: undefined;
}

const DAY_MS = 86_400_000;

export const SETTINGS: Readonly<Record<ConfigKey, Setting>> = {
  max_retries: {
    brief: "retries of a job that does not say itself",
    default: 3,
    min: 0,
    max: 1_000_000,
    whole: true,
    alias: { name: "max_retries_default", scale: 1 },
  },
  backoff_base: {
    brief: "wait before retry n is base ** n seconds",
    default: 2,
    min: 0,
    max: Number.MAX_VALUE,
  },
  backoff_max_seconds: {
    brief: "the longest wait before a retry",
    default: 300,
    seconds: 1,
    min: 0,
    max: 31_536_000,
    alias: { name: "max_backoff_seconds", scale: 1 },
  },
  backoff_jitter: { brief: "random share of the wait, either way", default: 0, min: 0, max: 1 },
  poll_interval_ms: {
    brief: "how often an idle worker looks if nothing wakes it",
    default: 500,
    seconds: 0.001,
    min: 10,
    max: DAY_MS,
    whole: true,
    alias: { name: "poll_interval", scale: 1000 },
  },
  lease_seconds: {
    brief: "a run without a heartbeat for this long is given to another worker",
    default: 60,
    seconds: 1,
    min: 1,
    max: 86_400,
  },
  job_timeout_seconds: {
    brief: "longest run of a job that does not say itself; 0 for none",
    default: 3600,
    seconds: 1,
    min: 0,
    max: 31_536_000,
    alias: { name: "job_timeout", scale: 1 },
  },
  retention_days: {
    brief: "ended jobs older than this are removed, with their logs; 0 keeps them",
    default: 0,
    seconds: 86_400,
    min: 0,
    max: 36_500,
  },
  log_limit_bytes: {
    brief: "a run's output is cut there",
    default: 10 * 1024 * 1024,
    min: 1024,
    max: 2 ** 50,
    whole: true,
  },
  on_finish: {
    brief: "a command that is run whenever a job has ended; empty for none",
    default: "",
    longest: 100_000,
  },
  store: {
    brief:
      "where the queue is, if it is not here: redis://, rediss:// or postgres://; empty for here",
    default: "",
    longest: 2_000,
    check: (text) => text === "" || parseStore(text),
  },
};

export const CONFIG_KEYS = Object.keys(SETTINGS) as readonly ConfigKey[];

/** Every spelling of every key, for "did you mean" and completions. */
export const CONFIG_SPELLINGS: readonly string[] = CONFIG_KEYS.flatMap((key) => {
  const alias = SETTINGS[key].alias;
  return alias ? [key, alias.name] : [key];
});

/** The settings when `config.json` says nothing. */
export const DEFAULT_CONFIG: Config = Object.freeze(
  Object.fromEntries(CONFIG_KEYS.map((key) => [key, SETTINGS[key].default])) as unknown as Config,
);

/** The key that a word means, and how many of its units one unit of the word is. */
export interface NamedKey {
  readonly key: ConfigKey;
  /** The name that was given, in its usual form. */
  readonly spelling: string;
  /** How many of the key's own unit make one of this name's. */
  readonly scale: number;
}

/**
 * Finds the key for a spelling: hyphens or underscores, canonical or alias.
 *
 * @throws {QueueError} `usage` if there is none, with "did you mean"
 */
export function findKey(word: string): NamedKey {
  const spelling = word.toLowerCase().replaceAll("-", "_");
  for (const key of CONFIG_KEYS) {
    if (key === spelling) return { key, spelling, scale: 1 };
    const alias = SETTINGS[key].alias;
    if (alias?.name === spelling) return { key, spelling, scale: alias.scale };
  }
  throw unknownWord("setting", word, CONFIG_SPELLINGS);
}

/**
 * Checks a value for a key, as it comes from the command line (text), from JSON or over HTTP.
 *
 * @returns the value in the key's own unit
 * @throws {QueueError} `usage` with what is allowed
 */
export function checkValue({ key, spelling, scale }: NamedKey, value: unknown): ConfigValue {
  const setting = SETTINGS[key];
  const checked = isText(setting) ? checkText(setting, value) : checkNumber(
    setting,
    typeof value === "string" ? readNumber(value, key, setting, scale) : value,
    scale,
  );
  if (checked !== undefined) return checked;
  const given = typeof value === "string" ? `'${value}'` : JSON.stringify(value);
  throw usage(`${spelling} must be ${describeAllowed(setting, scale)}, not ${given}`);
}

function isText(setting: Setting): setting is TextSetting {
  return typeof setting.default === "string";
}

function checkText({ longest, check }: TextSetting, value: unknown): string | undefined {
  const fits = typeof value === "string" && !value.includes("\0") &&
    new TextEncoder().encode(value).length <= longest;
  if (fits) check?.(value);
  return fits ? value : undefined;
}

function checkNumber(
  { min, max, whole }: NumberSetting,
  value: unknown,
  scale: number,
): number | undefined {
  const scaled = typeof value === "number" ? times(value, scale) : Number.NaN;
  return scaled >= min && scaled <= max && (!whole || Number.isInteger(scaled))
    ? scaled
    : undefined;
}

/**
 * A number in a text, or how many of the spelling's units a duration is; the text itself if it is neither.
 *
 * @param scale how many of the setting's own units one of the spelling's is
 */
function readNumber(
  text: string,
  key: string,
  { seconds }: NumberSetting,
  scale: number,
): number | string {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())) return Number(text);
  if (seconds === undefined || !/[a-z]$/.test(text)) return text;
  return times(parseDuration(text, key), 1 / (seconds * scale));
}

/** A product without the last digits that binary fractions get wrong: 1.1 s are 1100 ms. */
function times(number: number, scale: number): number {
  return scale === 1 ? number : Number((number * scale).toPrecision(15));
}

/** What a setting may be, in words; `scale` of its own unit make one of the spelling's. */
function describeAllowed(setting: Setting, scale: number): string {
  if (isText(setting)) return `a text of at most ${setting.longest} bytes`;
  const { min, max, whole } = setting;
  if (max === Number.MAX_VALUE) return `a number, ${min} or more`;
  return `a ${whole && scale === 1 ? "whole " : ""}number from ${min / scale} to ${max / scale}`;
}

/**
 * The settings that `config.json` holds, under their canonical names.
 *
 * @throws {QueueError} `usage` for an unknown key, a bad value, or one setting under two names
 */
export function checkConfig(parsed: unknown): Partial<Config> {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new QueueError("usage", "the settings must be a JSON object");
  }
  const found: Record<string, ConfigValue> = {};
  for (const [word, value] of Object.entries(parsed)) {
    const named = findKey(word);
    if (named.key in found) throw usage(`${named.key} is set twice, the second time as '${word}'`);
    found[named.key] = checkValue(named, value);
  }
  return found as Partial<Config>;
}
