import type { Finished } from "./queue.ts";

/** What a queue is given from outside, so that tests can give something else. */
export interface Environment {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** Says something to people that is no error. */
  readonly warn: (sentence: string) => void;
  /** Told, if `on_finish` is set, of jobs that this process has ended: it only takes note. */
  readonly onFinished?: (finished: Finished) => void;
}
