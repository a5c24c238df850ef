/** The commands about the dead letter queue: what each takes. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "./context.ts";
import type { DlqListFlags, DlqPurgeFlags, DlqRetryFlags } from "./dlq.ts";
import { JSON_FLAG, table, toggle } from "./flags.ts";
import { ids, limitFlag, someIds, yesFlag } from "./parameters.ts";

export const dlq = buildRouteMap({
  routes: table({
    list: buildCommand<DlqListFlags, [], Context>({
      loader: () => import("./dlq.ts").then((module) => module.dlqList),
      parameters: {
        flags: table({
          "limit": limitFlag,
          "json": JSON_FLAG,
        }),
      },
      docs: { brief: "List the jobs that keep failing, with the last error" },
    }),
    retry: buildCommand<DlqRetryFlags, string[], Context>({
      loader: () => import("./dlq.ts").then((module) => module.dlqRetry),
      parameters: {
        positional: ids,
        flags: table({
          "all": toggle("All of them"),
          "with-dependents": toggle("And the dead jobs that depend on them"),
        }),
      },
      docs: { brief: "Put jobs back into the queue, with all their retries" },
    }),
    delete: buildCommand<Record<never, never>, string[], Context>({
      loader: () => import("./dlq.ts").then((module) => module.dlqDelete),
      parameters: { positional: someIds },
      docs: { brief: "Remove jobs for good" },
    }),
    purge: buildCommand<DlqPurgeFlags, [], Context>({
      loader: () => import("./dlq.ts").then((module) => module.dlqPurge),
      parameters: { flags: table({ "yes": yesFlag }), aliases: { y: "yes" } },
      docs: { brief: "Remove all of them for good; asks" },
    }),
  }),
  docs: { brief: "The dead letter queue: jobs that keep failing" },
});
