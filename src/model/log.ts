/** What runs have printed, and workers have told. */

/** Which run of a job: everything that is given must hold. */
export interface RunFilter {
  readonly attempt?: number | undefined;
  readonly run?: string | undefined;
}

/** Text that grows while somebody writes it. */
export interface Log {
  /** Bytes so far; undefined if nobody has begun it. */
  size(): Promise<number | undefined>;
  /** Up to `length` bytes from an offset; fewer if the log ends before. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** What comes next is read anew, where it may have been kept for a while. */
  refresh?(): void;
}

/** The output of one run. */
export interface RunLog {
  readonly run: string;
  readonly log: Log;
}

/** What a worker tells of its doings. */
export interface WorkerLog {
  readonly id: string;
  readonly log: Log;
  readonly alive: boolean;
}
