import { messageOf } from "../model/errors.ts";
import type { MoveHold } from "../model/move_hold.ts";
import type { Queue } from "../model/queue.ts";

/** A queue that jobs are moved from or to. */
interface Side {
  readonly queue: Queue;
  readonly hold: MoveHold;
}

/** Both queues of a move: nobody else moves them, and neither starts anything meanwhile. */
export class HeldSides {
  readonly #sides: readonly Side[];

  private constructor(sides: readonly Side[]) {
    this.#sides = sides;
  }

  /** @throws {QueueError} `conflict` if somebody else moves one of them */
  static async hold(source: Queue, target: Queue): Promise<HeldSides> {
    const first = { queue: source, hold: await source.holdForMove() };
    try {
      return new HeldSides([first, { queue: target, hold: await target.holdForMove() }]);
    } catch (error) {
      await first.hold.release();
      throw error;
    }
  }

  /** Has neither start anything more; notes which of them people have paused themselves: it stays so. */
  async pause(): Promise<void> {
    for (const { queue, hold } of this.#sides) {
      const { paused } = await queue.status();
      // Noted first: who is killed in between leaves nothing paused that nobody knows of.
      if (!paused) await hold.note("paused");
      else if (await hold.noted() === undefined) await hold.note("moving");
      await queue.setPaused(true, "move");
    }
  }

  /**
   * Undoes what {@link pause} did, on each side that can be reached.
   *
   * @param warn told of a side that stays paused
   */
  async resume(warn: (sentence: string) => void): Promise<void> {
    for (const { queue, hold } of this.#sides) {
      try {
        const note = await hold.noted();
        if (note === "paused") await queue.setPaused(false, "move");
        if (note !== undefined) await hold.note(undefined);
      } catch (error) {
        warn(`${queue.name} stays paused: ${messageOf(error)}`);
      }
    }
  }

  /** @throws {QueueError} `conflict` if somebody else has one of them by now */
  async check(): Promise<void> {
    for (const { hold } of this.#sides) await hold.check();
  }

  async release(): Promise<void> {
    for (const { hold } of this.#sides) await hold.release();
  }
}
