/** Settings and schedules, noted on the server. */
import { checkConfig, type Config, DEFAULT_CONFIG } from "../model/config.ts";
import { messageOf, QueueError } from "../model/errors.ts";
import type { StoredConfig } from "../model/queue.ts";
import type { Schedule } from "../model/schedule.ts";
import type { QueueEvent } from "../rules/records.ts";
import type { Engine } from "./engine.ts";
import type { Notes } from "./notes.ts";

const NOTES = "settings";
const CONFIG = "config:";
const SCHEDULE = "schedule:";
const DEPENDENTS = "dependents";
const IDENTITY = "identity";

/** For so long the settings are taken for what they were, in milliseconds. */
const FRESH_MS = 500;

/** Notes that there are jobs that wait for others. */
export async function noteDependents(engine: Engine): Promise<void> {
  await engine.notes(NOTES).set(DEPENDENTS, "1");
}

export class Settings {
  readonly #notes: Notes;
  readonly #engine: Engine;
  #looked = -Infinity;
  #config: StoredConfig = { stored: {}, complete: DEFAULT_CONFIG };
  #hasDependents = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#notes = engine.notes(NOTES);
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
    const stored = this.#checked(parsed(notes, CONFIG));
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

  /** What tells this queue from every other, whatever URL leads to it. */
  async identity(make: () => string): Promise<string> {
    const known = (await this.#notes.all())[IDENTITY];
    if (known !== undefined) return known;
    await this.#notes.set(IDENTITY, make());
    return (await this.#notes.all())[IDENTITY]!;
  }

  async schedules(): Promise<readonly Schedule[]> {
    return Object.values(parsed(await this.#notes.all(), SCHEDULE)) as Schedule[];
  }

  /**
   * Carries out what happened to schedules.
   *
   * @param known as they were when it happened: one that is another by now stays as it is
   */
  async carryOut(events: readonly QueueEvent[], known: readonly Schedule[]): Promise<void> {
    const before = new Map(known.map((schedule) => [schedule.name, JSON.stringify(schedule)]));
    const now = await this.#notes.all();
    for (const event of events) {
      const name = "schedule" in event
        ? event.schedule.name
        : "unschedule" in event
        ? event.unschedule
        : undefined;
      if (name === undefined || now[`${SCHEDULE}${name}`] !== before.get(name)) continue;
      if ("schedule" in event) {
        await this.#notes.set(`${SCHEDULE}${name}`, JSON.stringify(event.schedule));
      } else await this.#notes.remove([`${SCHEDULE}${name}`]);
    }
  }
}

/** The values under the names that begin so. */
function parsed(
  notes: Readonly<Record<string, string>>,
  prefix: string,
): Readonly<Record<string, unknown>> {
  const named = Object.entries(notes).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(
    named.map(([name, text]) => [name.slice(prefix.length), JSON.parse(text)]),
  );
}
