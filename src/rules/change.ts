/** What a verb makes of a queue, whatever keeps it: a pure change, from a view to events. */
import type { Config } from "../model/config.ts";
import type { QueueEvent, Records } from "./records.ts";

/** The queue as a change finds it. */
export interface View {
  readonly records: Records;
  /** ISO 8601 in UTC. */
  readonly now: string;
  /** The sequence number that the first event of the change will get. */
  readonly next: number;
  readonly config: Config;
  readonly random: () => number;
}

/** What a change makes of the queue, and what its caller gets to know. */
export interface Change<T> {
  readonly events: readonly QueueEvent[];
  readonly result: T;
}
