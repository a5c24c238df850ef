import { isEnded, isWaiting, type Job, runsOf } from "../model/job.ts";
import type { RunLog } from "../model/log.ts";
import type { Queue } from "../model/queue.ts";
import { lookUntil } from "./changes.ts";
import type { Context } from "./context.ts";
import { relativeTime } from "./job_cells.ts";
import { jobOrLatest } from "./latest_job.ts";
import { warnIfNothingMoves } from "./nothing_moves.ts";
import { visible } from "./output.ts";
import { followLog, LogSink, printLog, tailStart } from "./print_log.ts";

export interface LogsFlags {
  readonly "follow"?: boolean;
  readonly "attempt"?: number;
  readonly "run"?: string;
  readonly "lines"?: number;
}

/** `logs`: the output of the last run, or of one that is named. */
export default async function logs(this: Context, flags: LogsFlags, word?: string): Promise<void> {
  await this.withQueue(async (queue) => {
    const job = await jobOrLatest(queue, word);
    if (word === undefined) this.warn(`this is ${job.id}, ${job.state}: ${visible(job.command)}`);
    if (flags.follow) {
      if (!isEnded(job.state)) await warnIfNothingMoves(this, queue);
      return await follow(this, queue, flags, job.id);
    }
    const found = await queue.findLog(job.id, flags);
    if (!found) {
      return this.warn(
        isEnded(job.state)
          ? `the job has never run: ${job.error ?? job.state}`
          : "the job has not run yet; --follow waits for it",
      );
    }
    const { log } = found;
    if (isWaiting(job.state)) this.warn(describeWaiting(job, found.run, this.clock()));
    if (await log.size() === undefined) return this.warn("this run has left no output");
    const sink = new LogSink(this.stdout);
    await printLog(log, await tailStart(log, flags.lines), sink);
    sink.endLine();
  });
}

/** Prints run after run as it comes, until the job has ended; only one run if one is named. */
async function follow(
  context: Context,
  queue: Queue,
  flags: LogsFlags,
  id: string,
): Promise<void> {
  const isNamed = flags.attempt !== undefined || flags.run !== undefined;
  const sink = new LogSink(context.stdout);
  let printed: string | undefined;
  for (;;) {
    const next = await lookUntil(queue, () => nextLog(queue, flags, id, printed), undefined);
    if (!next) return;
    if (!next.found) return tellEnd(context, next.job);
    const { log, run } = next.found;
    tellBeginning(context, next.job, run, printed !== undefined);
    const { log_limit_bytes } = (await queue.config()).complete;
    const tail = await tailStart(log, printed === undefined ? flags.lines : undefined);
    // What goes on beyond the limit is cut off: the note at the end would come before such a start.
    const start = Math.min(tail, log_limit_bytes);
    printed = run;
    await followLog(log, start, sink, log_limit_bytes, async () => {
      const [job] = await queue.get([id]);
      return job?.run !== run;
    });
    sink.endLine();
    if (isNamed) return;
  }
}

/** Runs come one after the other: where another begins, and whether one is over already, is said. */
function tellBeginning({ warn, clock }: Context, job: Job, run: string, isNext: boolean): void {
  if (isWaiting(job.state)) return warn(describeWaiting(job, run, clock()));
  const attempt = runsOf(job).find((each) => each.run === run)?.attempt;
  if (isNext && attempt !== undefined) warn(`attempt ${attempt} of ${job.max_retries + 1}`);
}

/** How a followed job has ended, if not well. */
function tellEnd({ warn }: Context, { id, state, error }: Job): void {
  if (state !== "completed") warn(`${id} is ${state}${error ? `: ${error}` : ""}`);
}

/** What is printed of a job that is to run again is what it has printed before. */
function describeWaiting({ id, run_at, history = [] }: Job, run: string, now: number): string {
  const begun = history.find((entry) => entry.run === run)?.started_at;
  const isLater = run_at !== undefined && Date.parse(run_at) > now;
  const when = isLater ? `, ${relativeTime(run_at, now)}` : "";
  return `${id} is to run again${when}: this is its run of ${
    begun ? relativeTime(begun, now) : "before"
  }`;
}

/** A job, and the log to print next; without one the job has ended, and all is printed. */
interface Next {
  readonly job: Job;
  readonly found?: RunLog;
}

/** What to print next; undefined while there is nothing yet. */
async function nextLog(
  queue: Queue,
  { attempt, run }: LogsFlags,
  id: string,
  printed: string | undefined,
): Promise<Next | undefined> {
  const job = (await queue.get([id]))[0]!;
  const next = printed === undefined ? undefined : runAfter(job, printed);
  if (next !== undefined) {
    const found = await queue.findLog(id, { run: next });
    return found && { job, found };
  }
  const isToCome = attempt !== undefined && job.attempts < attempt && !isEnded(job.state);
  const found = isToCome ? undefined : await queue.findLog(id, { attempt, run });
  if (found && found.run !== printed) return { job, found };
  return isEnded(job.state) ? { job } : undefined;
}

/** The run that came after another one, if there is one yet. */
function runAfter(job: Job, printed: string): string | undefined {
  const runs = runsOf(job).map(({ run }) => run);
  const index = runs.indexOf(printed);
  return index < 0 ? undefined : runs.slice(index + 1).find((each) => each !== printed);
}
