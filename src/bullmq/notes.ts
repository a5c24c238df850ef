/** Names and texts on the server. Each name is set and removed by itself, whoever else does so. */
import type { IQueueBackend } from "bullmq";

/** What is noted of the queue as a whole. */
export const QUEUE_NOTES = "settings";

/** How many announcements are kept. */
const MOST_EVENTS = 100;

export class Notes {
  readonly #backend: IQueueBackend;

  constructor(backend: IQueueBackend) {
    this.#backend = backend;
  }

  all(): Promise<Readonly<Record<string, string>>> {
    return this.#backend.getQueueMeta();
  }

  async set(name: string, text: string): Promise<void> {
    await this.#backend.setQueueMeta({ [name]: text });
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#backend.removeQueueMetaFields([...names]);
  }

  /** Tells everybody who listens to these notes that there is something new. */
  async announce(event: string): Promise<void> {
    await this.#backend.publishEvent({ event }, MOST_EVENTS);
  }
}

/** The values of JSON under the names that begin so. */
export function valuesUnder(
  notes: Readonly<Record<string, string>>,
  prefix: string,
): Readonly<Record<string, unknown>> {
  const named = Object.entries(notes).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(
    named.map(([name, text]) => [name.slice(prefix.length), JSON.parse(text)]),
  );
}
