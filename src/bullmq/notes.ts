/** Names and texts on the server. Each name is set and removed by itself, whoever else does so. */
import type { IQueueBackend } from "bullmq";

/** So many announcements are kept. */
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
