/** What a look at the files of a queue finds. */

/** Something wrong with a file, and what a repair would do about it. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; null where it is not about a line. */
  readonly line: number | null;
  readonly what: string;
  readonly repair: string;
}

/** What was found when the files were looked at. */
export interface Examination {
  readonly problems: readonly Problem[];
  /** Mends what can be mended; returns where the originals are kept, empty if nothing was changed. */
  repair(): Promise<string>;
}
