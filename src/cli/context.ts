/** What every command gets. */
import type { CommandContext } from "@stricli/core";
import type { Location } from "../model/location.ts";
import type { Queue } from "../model/queue.ts";
import type { Purpose } from "../open_queue.ts";
import type { Afterwards } from "../worker/work.ts";
import type { Output } from "./output.ts";

export interface Context extends CommandContext, Output {
  readonly location: Location;
  /** What stood behind `--`. */
  readonly afterDashes: readonly string[] | undefined;
  /** The words of the command line as they were typed, up to a `--`. */
  readonly typed: readonly string[];
  /** A variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** The zone of local times. */
  readonly timeZone: () => string;
  /** The directory that the command was given in. */
  readonly cwd: () => string;
  /** The standard input, whole. */
  readonly readStdin: () => Promise<Uint8Array>;
  /** Asks a question on the terminal; undefined if there is none. */
  readonly ask: (question: string) => boolean | undefined;
  /** Opens the queue, hands it over, and closes it whatever happens. */
  readonly withQueue: <T>(
    work: (queue: Queue, afterwards: Afterwards) => Promise<T>,
    purpose?: Purpose,
  ) => Promise<T>;
  /** The same for a queue somewhere else. */
  readonly withQueueAt: <T>(location: Location, work: (queue: Queue) => Promise<T>) => Promise<T>;
  /** Says something to people on stderr. */
  readonly warn: (sentence: string) => void;
  /** Sets the exit code of the command, if it throws nothing. */
  exitWith(code: number): void;
}
