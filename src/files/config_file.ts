/** `config.json`: the settings that differ from the defaults. */
import { checkConfig, DEFAULT_CONFIG } from "../model/config.ts";
import { corrupt, QueueError } from "../model/errors.ts";
import type { StoredConfig } from "../model/queue.ts";
import { ifThere } from "../machine/io.ts";
import { readTextIfThere } from "../machine/text_file.ts";
import { describeSyntaxError } from "../model/json_faults.ts";

const NOTHING_STORED: StoredConfig = { stored: {}, complete: DEFAULT_CONFIG };

/**
 * Reads the settings.
 *
 * @throws {QueueError} `corrupt` if the file is no JSON, names an unknown setting or has a bad value
 */
export function readConfig(path: string): StoredConfig {
  const text = readTextIfThere(path);
  if (text === undefined) return NOTHING_STORED;
  try {
    const stored = checkConfig(JSON.parse(text));
    return { stored, complete: { ...DEFAULT_CONFIG, ...stored } };
  } catch (error) {
    if (error instanceof QueueError) throw corrupt(path, undefined, error.message);
    const { line, what } = describeSyntaxError(text, error);
    throw corrupt(path, line, what);
  }
}

/** How long the settings are taken for what they were, in milliseconds. */
const FRESH_MS = 20;

/** The settings, read again only when the file has changed, and not looked at all the time. */
export class ConfigFile {
  #looked = -Infinity;
  #seen: string | undefined;
  #config = NOTHING_STORED;

  constructor(readonly path: string) {}

  read(): StoredConfig {
    const now = performance.now();
    if (now - this.#looked < FRESH_MS) return this.#config;
    this.#looked = now;
    const stat = ifThere(() => Deno.statSync(this.path));
    const seen = stat && `${stat.ino} ${stat.size} ${stat.mtime?.getTime()}`;
    if (seen !== this.#seen || seen === undefined) {
      this.#config = seen === undefined ? NOTHING_STORED : this.#readAnew(seen);
      this.#seen = seen;
    }
    return this.#config;
  }

  /** Damage is told once, and then the last good settings stand; what cannot be read is tried again. */
  #readAnew(seen: string): StoredConfig {
    try {
      return readConfig(this.path);
    } catch (error) {
      if (error instanceof QueueError && error.code === "corrupt") this.#seen = seen;
      throw error;
    }
  }

  /** The next look is a look at the file. */
  forget(): void {
    this.#looked = -Infinity;
  }
}
