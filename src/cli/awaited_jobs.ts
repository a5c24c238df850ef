import { isNotFound } from "../model/errors.ts";
import { isEnded, type Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";

/** Jobs that somebody waits for: one that has ended may be removed while others go on. */
export class AwaitedJobs {
  readonly #queue: Queue;
  readonly #ids: readonly string[];
  /** As they were seen last. */
  readonly #seen = new Map<string, Job>();
  readonly #gone = new Set<string>();

  constructor(queue: Queue, ids: readonly string[]) {
    this.#queue = queue;
    this.#ids = ids;
  }

  /**
   * The jobs as they are now, in the order of the ids; those that were removed as they ended.
   *
   * @throws {QueueError} `not_found` if one was removed of which nobody has seen the end
   */
  async look(): Promise<readonly Job[]> {
    const present = this.#ids.filter((id) => !this.#gone.has(id));
    try {
      this.#note(await this.#queue.get(present));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      for (const id of present) await this.#lookAt(id);
    }
    return this.#ids.map((id) => this.#seen.get(id)!);
  }

  async #lookAt(id: string): Promise<void> {
    try {
      this.#note(await this.#queue.get([id]));
    } catch (error) {
      const last = this.#seen.get(id);
      if (!isNotFound(error) || !last || !isEnded(last.state)) throw error;
      this.#gone.add(id);
    }
  }

  #note(jobs: readonly Job[]): void {
    for (const job of jobs) this.#seen.set(job.id, job);
  }
}
