import type { Job } from "../model/job.ts";
import type { Context } from "./context.ts";
import { printIds } from "./output.ts";

/** The ids of the jobs to which it was done; that there were none must not pass for success unseen. */
export function printDone({ stdout, warn }: Context, jobs: readonly Job[]): void {
  printIds(stdout, jobs);
  if (jobs.length === 0) warn("no job matches");
}
