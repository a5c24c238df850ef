/** The commands about workers: what each takes. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "./context.ts";
import {
  duration,
  JSON_FLAG,
  oneOf,
  someOf,
  table,
  text,
  toggle,
  value,
  values,
  wholeNumber,
} from "./flags.ts";
import { linesFlag } from "./parameters.ts";
import type { WorkerListFlags } from "./worker_list.ts";
import type { WorkerLogsFlags } from "./worker_logs.ts";
import type { WorkerStartFlags } from "./worker_start.ts";
import type { WorkerStopFlags } from "./worker_stop.ts";

export const worker = buildRouteMap({
  routes: table({
    start: buildCommand<WorkerStartFlags, [], Context>({
      loader: () => import("./worker_start.ts"),
      parameters: {
        flags: table({
          "count": value(wholeNumber("--count", 1, 256), "N", "How many; 1 if absent"),
          "drain": toggle("End when nothing is left to run; waits for what is due later, too"),
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
          "id": values(someOf("--id"), "WORKER", "Only this worker"),
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
    logs: buildCommand<WorkerLogsFlags, [string], Context>({
      loader: () => import("./worker_logs.ts"),
      parameters: {
        positional: {
          kind: "tuple",
          parameters: [{
            brief: "A worker's id, or a beginning that only it has; one that has left, too",
            placeholder: "WORKER",
            parse: text,
          }],
        },
        flags: table({
          "lines": linesFlag,
          "follow": toggle("Print what comes until the worker stops"),
        }),
        aliases: { f: "follow", n: "lines" },
      },
      docs: { brief: "Print what a worker has done" },
    }),
  }),
  docs: { brief: "Start, stop and list workers" },
});
