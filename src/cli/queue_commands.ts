/** The commands about the queue as a whole: what each takes. */
import { buildCommand } from "@stricli/core";
import type { Context } from "./context.ts";
import type { DoctorFlags } from "./doctor.ts";
import {
  commaSeparated,
  JSON_FLAG,
  table,
  text,
  toggle,
  value,
  values,
  WATCH_FLAG,
  wholeNumber,
} from "./flags.ts";
import type { MetricsFlags } from "./metrics.ts";
import type { MigrateFlags } from "./migrate.ts";
import { yesFlag } from "./parameters.ts";
import type { ResetFlags } from "./reset.ts";
import type { StatusFlags } from "./status.ts";
import type { WebFlags } from "./web.ts";

export const status = buildCommand<StatusFlags, [], Context>({
  loader: () => import("./status.ts"),
  parameters: {
    flags: table({
      "watch": WATCH_FLAG,
      "json": JSON_FLAG,
    }),
    aliases: { w: "watch" },
  },
  docs: { brief: "Show how many jobs are in which state, and what the workers do" },
});

export const pause = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./pause.ts").then((module) => module.pause),
  parameters: {},
  docs: { brief: "Start no new jobs until `resume`; what runs goes on" },
});

export const resume = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./pause.ts").then((module) => module.resume),
  parameters: {},
  docs: { brief: "Start jobs again" },
});

export const metrics = buildCommand<MetricsFlags, [], Context>({
  loader: () => import("./metrics.ts"),
  parameters: {
    flags: table({
      "json": JSON_FLAG,
      "prometheus": toggle("Print the text that Prometheus reads"),
    }),
  },
  docs: {
    brief: "Show success rate, throughput, and how long jobs wait and run",
    fullDescription: "Over the runs in the history of the jobs that are kept.",
  },
});

export const reset = buildCommand<ResetFlags, [], Context>({
  loader: () => import("./reset.ts"),
  parameters: { flags: table({ "yes": yesFlag }), aliases: { y: "yes" } },
  docs: {
    brief: "Empty the queue: every job, its history and its logs; asks",
    fullDescription: "Settings and schedules stay. Refused while jobs run.",
  },
});

export const web = buildCommand<WebFlags, [], Context>({
  loader: () => import("./web.ts"),
  parameters: {
    flags: table({
      "host": value(text, "ADDRESS", "Where to listen; 127.0.0.1 if absent"),
      "port": value(
        wholeNumber("--port", 0, 65_535),
        "N",
        "5000 if absent; 0 for any that is free",
      ),
      "token": value(text, "SECRET", "What lets people in; made if absent, else $QUEUECTL_TOKEN"),
      "allow-host": values(commaSeparated, "NAME", "Another name under which it may be asked for"),
      "read-only": toggle("For looking only"),
    }),
  },
  docs: {
    brief: "Serve the dashboard and the HTTP API until Ctrl-C; prints the link to open",
    fullDescription:
      "Whoever can enqueue can run commands: beyond this machine only with a token of your own.",
  },
});

export const completions = buildCommand<Record<never, never>, string[], Context>({
  loader: () => import("./completions.ts"),
  parameters: {
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { brief: "bash, zsh or fish", placeholder: "SHELL", parse: text },
    },
  },
  docs: { brief: "Print the script that makes a shell complete commands, flags, ids and more" },
});

export const checkpoint = buildCommand<Record<never, never>, [], Context>({
  loader: () => import("./checkpoint.ts"),
  parameters: {},
  docs: { brief: "Bring jobs.json and dlq.json up to date now" },
});

export const migrate = buildCommand<MigrateFlags, [], Context>({
  loader: () => import("./migrate.ts"),
  parameters: {
    flags: table({
      "to": value(text, "STORE", "Move this queue there: a URL or a directory"),
      "from": value(text, "STORE", "Fetch the queue that is there"),
      "dry-run": toggle("Only say what would be moved"),
      "json": JSON_FLAG,
    }),
  },
  docs: {
    brief: "Move the queue to another store: redis://, postgres:// or a directory",
    fullDescription:
      "Starts nothing more, waits for what runs, and moves jobs with their history and output, settings " +
      "and schedules. When it was interrupted, the same command goes on.",
  },
});

export const doctor = buildCommand<DoctorFlags, [], Context>({
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
