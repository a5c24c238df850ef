import { QueueError } from "../model/errors.ts";
import { isEnded, type NewJob, newRecord } from "../model/job.ts";
import type { Change, View } from "./change.ts";
import { checkDependencies } from "./dependencies.ts";
import type { QueueEvent } from "./records.ts";

/** What the change needs besides the queue. */
export interface EnqueueOptions {
  /** An id that is there already is a quiet success. */
  readonly ifAbsent: boolean;
  readonly makeId: () => string;
}

/** The pure change: adds jobs, all of them or, when one cannot be, none. */
export function addJobs(
  view: View,
  jobs: readonly NewJob[],
  { ifAbsent, makeId }: EnqueueOptions,
): Change<readonly string[]> {
  const { records, now, config } = view;
  const batch = new Map<string, readonly string[] | undefined>();
  const events: QueueEvent[] = [];
  const ids = jobs.map((job) => {
    const id = job.id ?? makeId();
    if (batch.has(id)) {
      if (ifAbsent) return id;
      throw new QueueError("conflict", `the id '${id}' is given twice`);
    }
    const existing = records.get(id);
    if (existing) {
      if (ifAbsent) return id;
      throw new QueueError(
        "conflict",
        `job '${id}' exists already (${existing.state})`,
        isEnded(existing.state)
          ? `\`queuectl retry --force ${id}\` runs it again; --if-absent leaves it at that`
          : "choose another id, or use --if-absent to leave it at that",
      );
    }
    batch.set(id, job.depends_on);
    const seq = view.next + events.length;
    events.push({ put: newRecord(job, { id, seq, now, maxRetries: config.max_retries }) });
    return id;
  });
  checkDependencies(records, batch);
  return { events, result: ids };
}
