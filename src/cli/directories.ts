import type { NewJob } from "../model/job.ts";
import type { Context } from "./context.ts";

/** A job whose directory is not there fails at every run; it may come, so this is no error. */
export function warnOfDirectories(
  context: Context,
  jobs: readonly Pick<NewJob, "cwd">[],
): void {
  const here = context.cwd();
  for (const cwd of new Set(jobs.map((job) => job.cwd))) {
    if (cwd === undefined || cwd === here) continue;
    if (!isDirectory(cwd)) {
      context.warn(`there is no directory ${cwd} yet: until there is, the job fails`);
    }
  }
}

/** False if there is none of this name; what cannot be looked at may be one. */
export function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
