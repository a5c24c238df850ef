import { pause } from "../timer.ts";

/** How long a round waits for a recovery, in milliseconds. */
const PATIENCE_MS = 500;

/**
 * Recoveries, one after the other, beside what else there is to do: to end the processes of a run may
 * take ten seconds, and where one cannot be ended it does every time.
 */
export class Recovery {
  readonly #recover: () => Promise<void>;
  #going: Promise<void> | undefined;
  /** What the last one that has ended came to. */
  #error: unknown;

  constructor(recover: () => Promise<void>, readonly patienceMs = PATIENCE_MS) {
    this.#recover = recover;
  }

  /**
   * Begins one, if none goes on, and gives it some time.
   *
   * @throws what the last one that has ended has thrown
   */
  async advance(): Promise<void> {
    this.#going ??= this.#run();
    await Promise.race([this.#going, pause(this.patienceMs)]);
    if (this.#error !== undefined) throw this.#error;
  }

  /** Waits for the one that goes on, and then for a whole one. */
  async finish(): Promise<void> {
    await this.#going;
    await this.#recover();
  }

  async #run(): Promise<void> {
    try {
      await this.#recover();
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    } finally {
      this.#going = undefined;
    }
  }
}
