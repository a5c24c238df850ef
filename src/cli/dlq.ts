import { usage } from "../model/errors.ts";
import { describeLocation } from "../model/location.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./context.ts";
import { idsOf } from "./ids_of.ts";
import { attemptsCell, relativeTime } from "./job_cells.ts";
import { DEFAULT_LIMIT } from "./list.ts";
import { nameSome, shorten } from "../model/text.ts";
import { printIds, printJson } from "./output.ts";
import { warnOfDependents } from "./warn_of_dependents.ts";
import { printTable } from "./print_table.ts";

export interface DlqListFlags {
  readonly "limit"?: number;
  readonly "json"?: boolean;
}

/** `dlq list`: dead jobs, each with its last error and when it died. */
export async function dlqList(this: Context, flags: DlqListFlags): Promise<void> {
  const limit = flags.limit ?? (flags.json ? undefined : DEFAULT_LIMIT);
  const filter = {
    states: ["dead"],
    order: "end",
    ...(limit === undefined ? {} : { limit }),
  } as const;
  const page = await this.withQueue((queue) => queue.list(filter), "look");
  if (flags.json) {
    return printJson(this.stdout, { jobs: page.jobs, total: page.total, limit: limit ?? null });
  }
  if (page.total === 0) return this.warn("the dead letter queue is empty");
  const now = this.clock();
  await printTable(
    this,
    [
      { title: "ID", isWhole: true },
      { title: "RUNS", align: "right" },
      { title: "DIED" },
      { title: "COMMAND" },
      { title: "LAST ERROR" },
    ],
    page.jobs.map((job) => [
      { text: job.id },
      attemptsCell(job),
      { text: relativeTime(job.finished_at ?? job.updated_at, now) },
      { text: fit(job.command, this.stdout.isTerminal) },
      { text: job.error ?? "", colour: "red" },
    ]),
    "wrap",
  );
  if (page.total > page.jobs.length) {
    this.warn(`the newest ${page.jobs.length} of ${page.total} jobs; --limit N shows more`);
  }
}

const COMMAND_WIDTH = 24;

/** On a terminal there must be room for the error. */
function fit(command: string, isTerminal: boolean): string {
  return isTerminal ? shorten(command, COMMAND_WIDTH, "…") : command;
}

export interface DlqPurgeFlags {
  readonly "yes"?: boolean;
}

/** `dlq purge`: all dead jobs are gone. */
export async function dlqPurge(this: Context, flags: DlqPurgeFlags): Promise<void> {
  confirm(
    this,
    `Remove every dead job in ${describeLocation(this.location)}, with its history and logs?`,
    flags.yes,
  );
  const jobs = await this.withQueue((queue) => queue.deleteDead(undefined));
  printIds(this.stdout, jobs);
}

/** `dlq delete`: dead jobs are gone. */
export async function dlqDelete(
  this: Context,
  _flags: Record<never, never>,
  ...words: string[]
): Promise<void> {
  const jobs = await this.withQueue(async (queue) =>
    await queue.deleteDead(await idsOf(queue, words))
  );
  printIds(this.stdout, jobs);
}

export interface DlqRetryFlags {
  readonly "all"?: boolean;
  readonly "with-dependents"?: boolean;
}

/** `dlq retry`: dead jobs start from zero. */
export async function dlqRetry(
  this: Context,
  flags: DlqRetryFlags,
  ...words: string[]
): Promise<void> {
  const named = wordsOrAll(words, flags.all);
  const withDependents = flags["with-dependents"] ?? false;
  await this.withQueue(async (queue) => {
    const jobs = await queue.retryDead(named && await idsOf(queue, named), { withDependents });
    printIds(this.stdout, jobs);
    if (named) return await warnOfDependents(this, queue, jobs);
    const { jobs: staying } = await queue.list({ states: ["dead"] });
    const hopeless = staying.filter(({ depends_on }) => depends_on?.length).map(({ id }) => id);
    if (hopeless.length > 0) {
      this.warn(`what depends on a cancelled job stays dead: ${nameSome(hopeless)}`);
    } else if (jobs.length === 0) this.warn("the dead letter queue is empty");
  });
}

/** @returns undefined for all */
function wordsOrAll(
  words: readonly string[],
  all: boolean | undefined,
): readonly string[] | undefined {
  if (all ? words.length > 0 : words.length === 0) {
    throw usage(
      all ? "--all and ids exclude each other" : "ID is missing",
      "name jobs, or use --all",
    );
  }
  return all ? undefined : words;
}
