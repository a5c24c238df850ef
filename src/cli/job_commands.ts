/** The commands about jobs: what each takes. Handlers load when they are called. */
import { buildCommand } from "@stricli/core";
import type { Context } from "./context.ts";
import type { DeleteFlags } from "./delete.ts";
import type { EditFlags } from "./edit.ts";
import type { EnqueueFlags } from "./enqueue.ts";
import {
  duration,
  JSON_FLAG,
  someOf,
  states,
  table,
  text,
  toggle,
  value,
  values,
  WATCH_FLAG,
  wholeNumber,
} from "./flags.ts";
import { timingFlags, workAliases, workFlags } from "./job_flags.ts";
import type { ListFlags } from "./list.ts";
import type { LogsFlags } from "./logs.ts";
import {
  ids,
  limitFlag,
  linesFlag,
  MOST_ROWS,
  perhapsOneId,
  selectionFlags,
  someIds,
  yesFlag,
} from "./parameters.ts";
import type { PruneFlags } from "./prune.ts";
import type { RetryFlags } from "./retry.ts";
import type { SelectionFlags } from "./selection.ts";
import type { ShowFlags } from "./show.ts";
import type { WaitFlags } from "./wait.ts";

export const enqueue = buildCommand<EnqueueFlags, string[], Context>({
  loader: () => import("./enqueue.ts"),
  parameters: {
    positional: {
      kind: "array",
      parameter: { brief: "A job as JSON", placeholder: "JSON", parse: text },
    },
    flags: table({
      ...workFlags,
      ...timingFlags,
      "file": value(
        text,
        "FILE",
        "Read jobs from a file: JSON, an array, or JSON Lines; - is stdin",
      ),
      "commands": value(
        text,
        "FILE",
        "Read a plain command from each line of a file; - is stdin; lines that begin with # are left out",
      ),
      "id": value(text, "ID", "The job's id; made if absent"),
      "if-absent": toggle("Do nothing, quietly, if there is a job with this id"),
      "json": JSON_FLAG,
    }),
    aliases: { ...workAliases, f: "file", i: "id" },
  },
  docs: {
    brief: "Put jobs into the queue; prints their ids",
    fullDescription:
      "Give the job as words behind --, with --command, as JSON, or with --file or --commands. It runs later, in a worker: in this directory, with the worker's environment. Words behind -- are quoted as they stand; a pipeline needs --command.",
  },
});

export const list = buildCommand<ListFlags, [], Context>({
  loader: () => import("./list.ts"),
  parameters: {
    flags: table({
      "state": values(states, "STATE", "Only jobs in this state; repeat, or use commas"),
      "tag": values(someOf("--tag"), "TAG", "Only jobs with this tag"),
      "limit": limitFlag,
      "watch": WATCH_FLAG,
      "json": JSON_FLAG,
    }),
    aliases: { n: "limit", w: "watch" },
  },
  docs: {
    brief: "List jobs, the newest first",
    fullDescription:
      "A failed job waits for its retry; a dead one has none left, and is in the dead letter queue.",
  },
});

const WITHOUT_ID =
  "Without an id: the job that runs (of several, the one that began last), else the one that ran last.";

export const show = buildCommand<ShowFlags, [string?], Context>({
  loader: () => import("./show.ts"),
  parameters: { positional: perhapsOneId, flags: table({ "json": JSON_FLAG }) },
  docs: {
    brief: "Show everything about one job, with the history of its runs",
    fullDescription: WITHOUT_ID,
  },
});

export const logs = buildCommand<LogsFlags, [string?], Context>({
  loader: () => import("./logs.ts"),
  parameters: {
    positional: perhapsOneId,
    flags: table({
      "follow": toggle("Print what comes until the job ends"),
      "attempt": value(
        wholeNumber("--attempt", 1, MOST_ROWS),
        "N",
        "Of this run; the last if absent",
      ),
      "run": value(text, "RUN", "Of the run with this id; `show` lists them"),
      "lines": linesFlag,
    }),
    aliases: { f: "follow", n: "lines" },
  },
  docs: { brief: "Print what a job has printed", fullDescription: WITHOUT_ID },
});

export const wait = buildCommand<WaitFlags, string[], Context>({
  loader: () => import("./wait.ts"),
  parameters: {
    positional: ids,
    flags: table({
      "tag": values(someOf("--tag"), "TAG", "All jobs with this tag, ended ones too"),
      "timeout": value(
        duration("--timeout"),
        "DURATION",
        "Give up then, with exit code 124; 0 looks once",
      ),
      "json": JSON_FLAG,
    }),
  },
  docs: {
    brief: "Wait until jobs have ended; all that are unfinished now, if none is named",
    fullDescription:
      "Exit code 0 if all were completed, 1 if one died or was cancelled, 124 when out of time.",
  },
});

export const cancel = buildCommand<SelectionFlags, string[], Context>({
  loader: () => import("./cancel.ts"),
  parameters: {
    positional: ids,
    flags: table({ ...selectionFlags, "all": toggle("All that have not ended") }),
  },
  docs: { brief: "Cancel jobs; those that run are ended with all their processes" },
});

export const retry = buildCommand<RetryFlags, string[], Context>({
  loader: () => import("./retry.ts"),
  parameters: {
    positional: ids,
    flags: table({
      ...selectionFlags,
      "all": toggle("All that have failed or are dead"),
      "force": toggle("Run a completed one again, too"),
      "with-dependents": toggle("And the dead jobs that depend on them"),
    }),
  },
  docs: {
    brief: "Run jobs again: failed ones now, dead and cancelled ones with all their retries",
  },
});

export const edit = buildCommand<EditFlags, string[], Context>({
  loader: () => import("./edit.ts"),
  parameters: {
    positional: someIds,
    flags: table({ ...workFlags, ...timingFlags }),
    aliases: workAliases,
  },
  docs: {
    brief: "Change jobs that wait, or that are to be retried",
    fullDescription:
      'What is not named stays as it is; --delay 0 makes a job due, --tag "" and --depends-on "" leave none, --env adds to what is there.',
  },
});

export const deleteJobs = buildCommand<DeleteFlags, string[], Context>({
  loader: () => import("./delete.ts"),
  parameters: {
    positional: ids,
    flags: table({
      ...selectionFlags,
      "all": toggle("Every job, dead ones too; asks"),
      "force": toggle("Cancel what has not ended first"),
      "yes": yesFlag,
    }),
    aliases: { y: "yes" },
  },
  docs: { brief: "Remove jobs that do not run, with their history and logs" },
});

export const prune = buildCommand<PruneFlags, [], Context>({
  loader: () => import("./prune.ts"),
  parameters: {
    flags: table({
      "state": values(
        states,
        "STATE",
        "Only these: completed, cancelled, dead; the first two if absent",
      ),
      "older-than": value(
        duration("--older-than"),
        "DURATION",
        "Only jobs that ended longer ago; all if absent",
      ),
      "tag": values(someOf("--tag"), "TAG", "Only jobs with this tag"),
      "dry-run": toggle("Only print which"),
    }),
  },
  docs: {
    brief: "Remove ended jobs, with their history and logs; prints their ids",
    fullDescription: "The setting retention_days does this by itself while workers run.",
  },
});
