/** Settings, noted on the server; and whether any job there was ever to wait for another. */
import { checkConfig, DEFAULT_CONFIG } from "../model/config.ts";
import { messageOf, QueueError } from "../model/errors.ts";
import type { StoredConfig } from "../model/queue.ts";
import type { Engine } from "./engine.ts";
import { type Notes, QUEUE_NOTES, valuesUnder } from "./notes.ts";

const CONFIG = "config:";
const DEPENDENTS = "dependents";

/** How long the settings are taken for what they were, in milliseconds. */
const FRESH_MS = 500;

/** Notes that there are jobs that wait for others. */
export async function noteDependents(engine: Engine): Promise<void> {
  await engine.notes(QUEUE_NOTES).set(DEPENDENTS, "1");
}

export class Settings {
  readonly #notes: Notes;
  readonly #engine: Engine;
  readonly #warn: (sentence: string) => void;
  #looked = -Infinity;
  /** What was wrong with the settings the last time: it is not said again. */
  #told = "";
  /** Undefined until they have been read. */
  #config: StoredConfig | undefined;
  #hasDependents = false;

  /** @param warn told of settings that somebody has damaged, while those from before count */
  constructor(engine: Engine, warn: (sentence: string) => void) {
    this.#engine = engine;
    this.#warn = warn;
    this.#notes = engine.notes(QUEUE_NOTES);
  }

  /**
   * The settings, as they were half a second ago at most. Those that somebody has damaged must not
   * cost a run its end: then the last good ones count.
   *
   * @throws {QueueError} `corrupt` if there are none from before
   */
  async config(): Promise<StoredConfig> {
    return await this.#refresh();
  }

  /** True if any job was ever to wait for another. */
  async hasDependents(): Promise<boolean> {
    await this.#refresh();
    return this.#hasDependents;
  }

  async #refresh(): Promise<StoredConfig> {
    if (this.#config && performance.now() - this.#looked < FRESH_MS) return this.#config;
    const notes = await this.#notes.all();
    this.#hasDependents = DEPENDENTS in notes;
    this.#config = this.#read(notes);
    this.#looked = performance.now();
    return this.#config;
  }

  #read(notes: Readonly<Record<string, string>>): StoredConfig {
    try {
      const stored = checkConfig(valuesUnder(notes, CONFIG));
      this.#told = "";
      return { stored, complete: { ...DEFAULT_CONFIG, ...stored } };
    } catch (error) {
      const what = `the settings in ${this.#engine.name}: ${messageOf(error)}`;
      if (!this.#config) throw new QueueError("corrupt", what);
      if (what !== this.#told) this.#warn(`${what}; those from before count`);
      this.#told = what;
      return this.#config;
    }
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#notes.set(`${CONFIG}${key}`, JSON.stringify(value));
    this.#looked = -Infinity;
  }

  async unset(key: string): Promise<void> {
    await this.#notes.remove([`${CONFIG}${key}`]);
    this.#looked = -Infinity;
  }
}
