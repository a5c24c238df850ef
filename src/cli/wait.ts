import { QueueError, usage } from "../model/errors.ts";
import { isEnded, isRunning, type Job, UNFINISHED_STATES } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { AwaitedJobs } from "./awaited_jobs.ts";
import { lookUntil } from "./changes.ts";
import type { Context } from "./context.ts";
import { EXIT_FAILED, EXIT_TIMEOUT } from "./errors.ts";
import { idsOf } from "./ids_of.ts";
import { warnIfNothingMoves } from "./nothing_moves.ts";
import { printJson } from "./output.ts";
import { Progress } from "./progress.ts";
import { nameSome } from "../model/text.ts";

export interface WaitFlags {
  readonly "tag"?: readonly (readonly string[])[];
  readonly "timeout"?: number;
  readonly "json"?: boolean;
}

/** `wait`: returns when the jobs have ended, with an exit code that tells how. */
export default async function wait(
  this: Context,
  flags: WaitFlags,
  ...words: string[]
): Promise<void> {
  const tags = flags.tag?.flat();
  if (tags && words.length > 0) throw usage("ids and --tag exclude each other");
  await this.withQueue(async (queue) => {
    const awaited = new AwaitedJobs(queue, await awaitedIds(queue, words, tags));
    const meant = await awaited.look();
    if (meant.length === 0) this.warn(await describeNothing(queue));
    const waiting = unfinished(meant);
    if (waiting > 0) await warnIfNothingMoves(this, queue);
    const progress = new Progress(this.stderr, "jobs");
    const ended = await lookUntil(queue, async () => {
      const jobs = await awaited.look();
      progress.show(jobs.length - unfinished(jobs), jobs.length);
      return unfinished(jobs) === 0 ? jobs : undefined;
    }, flags.timeout);
    progress.end();
    const jobs = ended ?? await awaited.look();
    if (flags.json) {
      printJson(this.stdout, {
        jobs: jobs.map(({ id, state, exit_code }) => ({ id, state, exit_code: exit_code ?? null })),
      });
    }
    this.exitWith(ended ? exitCode(ended) : EXIT_TIMEOUT);
    if (!ended) this.warn(`out of time: of ${jobs.length} awaited, ${unfinished(jobs)} not ended`);
    else if (exitCode(ended) !== 0 && !flags.json) this.warn(describeFailures(ended));
  });
}

async function awaitedIds(
  queue: Queue,
  words: readonly string[],
  tags: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (words.length > 0) return await idsOf(queue, words);
  const { jobs } = await queue.list(tags ? { tags } : { states: UNFINISHED_STATES });
  if (tags && jobs.length === 0) {
    throw new QueueError("not_found", `no job has the tag ${tags.join(", ")}`);
  }
  return jobs.map(({ id }) => id);
}

/** Nothing was waited for: that is no sign that all went well. */
async function describeNothing(queue: Queue): Promise<string> {
  const { dead } = (await queue.status()).counts;
  const isAre = dead === 1 ? "1 job is" : `${dead} jobs are`;
  return `nothing is unfinished${dead > 0 ? `; ${isAre} dead` : ""}`;
}

/** What was cancelled goes on until its processes have ended. */
function unfinished(jobs: readonly Job[]): number {
  return jobs.filter((job) => !isEnded(job.state) || isRunning(job)).length;
}

function exitCode(jobs: readonly Job[]): number {
  return jobs.every((job) => job.state === "completed") ? 0 : EXIT_FAILED;
}

function describeFailures(jobs: readonly Job[]): string {
  const failed = jobs.filter((job) => job.state !== "completed");
  return `not completed: ${nameSome(failed.map((job) => `${job.id} (${job.state})`))}`;
}
