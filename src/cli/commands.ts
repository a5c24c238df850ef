/** The command tree, as one table. Handlers load when they are called. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "./context.ts";
import {
  assignment,
  commaSeparated,
  duration,
  JSON_FLAG,
  oneOf,
  proposeConfigKeys,
  states,
  table,
  text,
  toggle,
  value,
  values,
  wholeNumber,
} from "./flags.ts";
import type { ConfigFlags } from "./config.ts";
import type { DlqListFlags, DlqRetryFlags } from "./dlq.ts";
import type { DoctorFlags } from "./doctor.ts";
import type { EnqueueFlags } from "./enqueue.ts";
import type { ListFlags } from "./list.ts";
import type { LogsFlags } from "./logs.ts";
import type { ShowFlags } from "./show.ts";
import type { StatusFlags } from "./status.ts";
import type { WaitFlags } from "./wait.ts";
import type { WorkerListFlags } from "./worker_list.ts";
import type { WorkerStartFlags } from "./worker_start.ts";
import type { WorkerStopFlags } from "./worker_stop.ts";

const MOST_ROWS = 1_000_000_000;

const ids = {
  kind: "array",
  parameter: {
    brief: "Job ids, or beginnings that only one job has",
    placeholder: "ID",
    parse: text,
  },
} as const;

const someIds = { ...ids, minimum: 1 } as const;

const oneId = {
  kind: "tuple",
  parameters: [{
    brief: "A job's id, or a beginning that only it has",
    placeholder: "ID",
    parse: text,
  }],
} as const;

const oneKey = {
  brief: "A setting",
  placeholder: "KEY",
  parse: text,
  proposeCompletions: proposeConfigKeys,
} as const;

const enqueue = buildCommand<EnqueueFlags, string[], Context>({
  loader: () => import("./enqueue.ts"),
  parameters: {
    positional: {
      kind: "array",
      parameter: { brief: "A job as JSON", placeholder: "JSON", parse: text },
    },
    flags: table({
      "command": value(text, "COMMAND", "The shell command (also --cmd)"),
      "file": value(
        text,
        "FILE",
        "Read jobs from a file: JSON, an array, or JSON Lines; - is stdin",
      ),
      "id": value(text, "ID", "The job's id; made if absent"),
      "max-retries": value(
        wholeNumber("--max-retries", 0, 1_000_000),
        "N",
        "Retries after the first run",
      ),
      "priority": value(
        wholeNumber("--priority", -1_000_000_000, 1_000_000_000),
        "N",
        "Higher first, negative allowed; 0 if absent",
      ),
      "delay": value(duration("--delay"), "DURATION", "Not before this much time has passed"),
      "run-at": value(text, "TIME", "Not before this time: ISO 8601, local without an offset"),
      "timeout": value(
        duration("--timeout"),
        "DURATION",
        "End a run that takes longer; 0 for no limit",
      ),
      "depends-on": values(commaSeparated, "ID", "Wait until these jobs are completed"),
      "cwd": value(text, "DIR", "Where to run; the current directory if absent"),
      "env": values(assignment, "NAME=VALUE", "A variable for the command"),
      "tag": values(commaSeparated, "TAG", "A word to find the job by"),
      "if-absent": toggle("Leave a job with this id as it is, quietly"),
      "json": JSON_FLAG,
    }),
    aliases: { c: "command", f: "file", i: "id", r: "max-retries", p: "priority" },
  },
  docs: {
    brief: "Put jobs into the queue; prints their ids",
    fullDescription: "Give the job as JSON, with --command, with --file, or as words behind --.",
  },
});

const list = buildCommand<ListFlags, [], Context>({
  loader: () => import("./list.ts"),
  parameters: {
    flags: table({
      "state": values(states, "STATE", "Only jobs in this state; repeat, or use commas"),
      "tag": values(commaSeparated, "TAG", "Only jobs with this tag"),
      "limit": value(
        wholeNumber("--limit", 1, MOST_ROWS),
        "N",
        "At most so many; 50 if absent, all with --json",
      ),
      "json": JSON_FLAG,
    }),
  },
  docs: {
    brief: "List jobs, the newest first",
  },
});

const show = buildCommand<ShowFlags, [string], Context>({
  loader: () => import("./show.ts"),
  parameters: { positional: oneId, flags: table({ "json": JSON_FLAG }) },
  docs: { brief: "Show everything about one job, with the history of its runs" },
});

const logs = buildCommand<LogsFlags, [string], Context>({
  loader: () => import("./logs.ts"),
  parameters: {
    positional: oneId,
    flags: table({
      "follow": toggle("Print what comes until the job ends"),
      "attempt": value(
        wholeNumber("--attempt", 1, MOST_ROWS),
        "N",
        "Of this run; the last if absent",
      ),
      "lines": value(wholeNumber("--lines", 0, MOST_ROWS), "N", "Only the last so many lines"),
    }),
  },
  docs: { brief: "Print what a job has printed" },
});

const status = buildCommand<StatusFlags, [], Context>({
  loader: () => import("./status.ts"),
  parameters: { flags: table({ "json": JSON_FLAG }) },
  docs: { brief: "Show how many jobs are in which state, and what the workers do" },
});

const wait = buildCommand<WaitFlags, string[], Context>({
  loader: () => import("./wait.ts"),
  parameters: {
    positional: ids,
    flags: table({
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

const retry = buildCommand<Record<never, never>, string[], Context>({
  loader: () => import("./retry.ts"),
  parameters: { positional: someIds },
  docs: { brief: "Run a failed job now, a dead or cancelled one from zero" },
});

const cancel = buildCommand<Record<never, never>, string[], Context>({
  loader: () => import("./cancel.ts"),
  parameters: { positional: someIds },
  docs: { brief: "Give jobs up, whether they wait or run" },
});

const deleteJobs = buildCommand<Record<never, never>, string[], Context>({
  loader: () => import("./delete.ts"),
  parameters: { positional: someIds },
  docs: { brief: "Remove jobs that do not run, with their history" },
});

const pause = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./pause.ts").then((module) => module.pause),
  parameters: {},
  docs: { brief: "Start nothing more; what runs is finished" },
});

const resume = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./pause.ts").then((module) => module.resume),
  parameters: {},
  docs: { brief: "Start jobs again" },
});

const worker = buildRouteMap({
  routes: table({
    start: buildCommand<WorkerStartFlags, [], Context>({
      loader: () => import("./worker_start.ts"),
      parameters: {
        flags: table({
          "count": value(wholeNumber("--count", 1, 256), "N", "How many; 1 if absent"),
          "drain": toggle("End when nothing is left to run"),
          "detach": toggle("Go on in the background; prints the workers' ids when they are ready"),
          "in-background": { ...toggle("Print only the ids, for --detach"), hidden: true },
          "log-format": value(
            oneOf("--log-format", ["text", "json"] as const),
            "text|json",
            "How to print events",
          ),
        }),
        aliases: { n: "count" },
      },
      docs: {
        brief: "Run jobs until Ctrl-C or `worker stop`",
        fullDescription:
          "The first Ctrl-C finishes what runs; the second ends it and puts the jobs back.",
      },
    }),
    stop: buildCommand<WorkerStopFlags, [], Context>({
      loader: () => import("./worker_stop.ts"),
      parameters: {
        flags: table({
          "id": values(commaSeparated, "WORKER", "Only this worker"),
          "wait": toggle("Return when they have stopped"),
          "timeout": value(duration("--timeout"), "DURATION", "Wait no longer, with exit code 124"),
          "force": toggle("End what runs and put the jobs back; after --timeout, if given"),
        }),
      },
      docs: { brief: "Stop workers, from any terminal; they finish what runs" },
    }),
    list: buildCommand<WorkerListFlags, [], Context>({
      loader: () => import("./worker_list.ts"),
      parameters: { flags: table({ "json": JSON_FLAG }) },
      docs: { brief: "List the workers and what they run" },
    }),
  }),
  docs: { brief: "Start, stop and list workers" },
});

const dlq = buildRouteMap({
  routes: table({
    list: buildCommand<DlqListFlags, [], Context>({
      loader: () => import("./dlq.ts").then((module) => module.dlqList),
      parameters: {
        flags: table({
          "limit": value(
            wholeNumber("--limit", 1, MOST_ROWS),
            "N",
            "At most so many; 50 if absent, all with --json",
          ),
          "json": JSON_FLAG,
        }),
      },
      docs: { brief: "List the jobs that keep failing, with the last error" },
    }),
    retry: buildCommand<DlqRetryFlags, string[], Context>({
      loader: () => import("./dlq.ts").then((module) => module.dlqRetry),
      parameters: { positional: ids, flags: table({ "all": toggle("All of them") }) },
      docs: { brief: "Put jobs back into the queue, with all their retries" },
    }),
    delete: buildCommand<Record<never, never>, string[], Context>({
      loader: () => import("./dlq.ts").then((module) => module.dlqDelete),
      parameters: { positional: someIds },
      docs: { brief: "Remove jobs for good" },
    }),
  }),
  docs: { brief: "The dead letter queue: jobs that keep failing" },
});

const listConfig = buildCommand<ConfigFlags, [], Context>({
  loader: () => import("./config.ts").then((module) => module.configList),
  parameters: { flags: table({ "json": JSON_FLAG }) },
  docs: { brief: "List every setting, its value and its default" },
});

const config = buildRouteMap({
  routes: table({
    list: listConfig,
    get: buildCommand<Record<never, never>, [string], Context>({
      loader: () => import("./config.ts").then((module) => module.configGet),
      parameters: { positional: { kind: "tuple", parameters: [oneKey] } },
      docs: { brief: "Print the value of a setting" },
    }),
    set: buildCommand<Record<never, never>, [string, string], Context>({
      loader: () => import("./config.ts").then((module) => module.configSet),
      parameters: {
        positional: {
          kind: "tuple",
          parameters: [oneKey, { brief: "Its value", placeholder: "VALUE", parse: text }],
        },
      },
      docs: { brief: "Change a setting, for running workers too" },
    }),
    unset: buildCommand<Record<never, never>, [string], Context>({
      loader: () => import("./config.ts").then((module) => module.configUnset),
      parameters: { positional: { kind: "tuple", parameters: [oneKey] } },
      docs: { brief: "Go back to the default of a setting" },
    }),
  }),
  aliases: table({ show: "list" } as const),
  docs: { brief: "Settings" },
});

const checkpoint = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./checkpoint.ts"),
  parameters: {},
  docs: { brief: "Bring jobs.json and dlq.json up to date now" },
});

const doctor = buildCommand<DoctorFlags, [], Context>({
  loader: () => import("./doctor.ts"),
  parameters: {
    flags: table({
      "repair": toggle("Mend it, and keep what was there before"),
      "json": JSON_FLAG,
    }),
  },
  docs: {
    brief: "Check every file and say what is wrong",
    fullDescription: "Exit code 0 if nothing is wrong or all was mended, 1 otherwise.",
  },
});

export const commandTree = buildRouteMap({
  routes: table({
    enqueue,
    list,
    show,
    logs,
    status,
    wait,
    cancel,
    retry,
    delete: deleteJobs,
    pause,
    resume,
    worker,
    dlq,
    config,
    checkpoint,
    doctor,
  }),
  docs: {
    brief: "A background queue for shell commands that lives in plain JSON files",
  },
});
