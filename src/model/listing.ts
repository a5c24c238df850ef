/** Lists of jobs: which, in what order, and page by page. */
import type { Job, State } from "./job.ts";

/** Which jobs to list; everything that is given must hold. */
export interface ListFilter {
  readonly states?: readonly State[];
  readonly tags?: readonly string[];
  /** Stands in the id, the command or a tag; upper and lower case are the same. */
  readonly text?: string;
  /** The newest first, by when they arrived or, of ended jobs, by when they ended. */
  readonly order?: "arrival" | "end";
  /** Only jobs that come behind this place: the next page. */
  readonly behind?: Cursor;
  /** The most jobs to show, the newest first. */
  readonly limit?: number;
}

/** Where a job stands in a list. */
export interface Cursor {
  /** When it ended, milliseconds since 1970; 0 in the order of arrival. */
  readonly at: number;
  readonly seq: number;
}

/** Where a job stands in a list of this order. */
export function cursorOf(job: Job, order: ListFilter["order"]): Cursor {
  return { at: order === "end" ? Date.parse(job.finished_at ?? job.updated_at) : 0, seq: job.seq };
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** How many there are on all pages. */
  readonly total: number;
  /** For those of the jobs that wait for others: which, by the job's id. */
  readonly unmet: Readonly<Record<string, readonly string[]>>;
}
