import type { Job } from "../model/job.ts";
import type { JobPage, ListFilter } from "../model/queue.ts";
import type { Records } from "./records.ts";

/** The jobs that pass the filter, the newest first. */
export function list(records: Records, { states, tags, limit }: ListFilter): JobPage {
  const passes = (job: Job): boolean =>
    (!states || states.includes(job.state)) &&
    (!tags || tags.every((tag) => job.tags?.includes(tag)));
  const jobs = [...records.values()].filter(passes).sort((a, b) => b.seq - a.seq);
  return { jobs: limit === undefined ? jobs : jobs.slice(0, limit), total: jobs.length };
}
