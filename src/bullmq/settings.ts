/** Settings, noted on the server; and whether any job there was ever to wait for another. */
import { checkConfig, type Config, DEFAULT_CONFIG } from "../model/config.ts";
import { messageOf, QueueError } from "../model/errors.ts";
import type { StoredConfig } from "../model/queue.ts";
import type { Engine } from "./engine.ts";
import { type Notes, QUEUE_NOTES, valuesUnder } from "./notes.ts";

const CONFIG = "config:";
const DEPENDENTS = "dependents";

/** For so long the settings are taken for what they were, in milliseconds. */
const FRESH_MS = 500;

/** Notes that there are jobs that wait for others. */
export async function noteDependents(engine: Engine): Promise<void> {
  await engine.notes(QUEUE_NOTES).set(DEPENDENTS, "1");
}

export class Settings {
  readonly #notes: Notes;
  readonly #engine: Engine;
  #looked = -Infinity;
  #config: StoredConfig = { stored: {}, complete: DEFAULT_CONFIG };
  #hasDependents = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#notes = engine.notes(QUEUE_NOTES);
  }

  /** The settings, as they were half a second ago at most. */
  async config(): Promise<StoredConfig> {
    await this.#refresh();
    return this.#config;
  }

  /** True if any job was ever to wait for another. */
  async hasDependents(): Promise<boolean> {
    await this.#refresh();
    return this.#hasDependents;
  }

  async #refresh(): Promise<void> {
    if (performance.now() - this.#looked < FRESH_MS) return;
    const notes = await this.#notes.all();
    const stored = this.#checked(valuesUnder(notes, CONFIG));
    this.#config = { stored, complete: { ...DEFAULT_CONFIG, ...stored } };
    this.#hasDependents = DEPENDENTS in notes;
    this.#looked = performance.now();
  }

  #checked(values: Readonly<Record<string, unknown>>): Partial<Config> {
    try {
      return checkConfig(values);
    } catch (error) {
      const where = `the settings in ${this.#engine.name}`;
      throw new QueueError("corrupt", `${where}: ${messageOf(error)}`);
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
