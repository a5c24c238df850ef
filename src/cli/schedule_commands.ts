/** The commands about schedules: what each takes. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "./context.ts";
import { JSON_FLAG, oneOf, table, text, toggle, value } from "./flags.ts";
import { MISSED_POLICIES } from "../model/schedule.ts";
import { workAliases, workFlags } from "./job_flags.ts";
import { someNames } from "./parameters.ts";
import type { ScheduleAddFlags, ScheduleListFlags } from "./schedule.ts";

export const schedule = buildRouteMap({
  routes: table({
    add: buildCommand<ScheduleAddFlags, [string], Context>({
      loader: () => import("./schedule.ts").then((module) => module.scheduleAdd),
      parameters: {
        positional: {
          kind: "tuple",
          parameters: [{ brief: "Its name", placeholder: "NAME", parse: text }],
        },
        flags: table({
          "cron": value(
            text,
            "PATTERN",
            "Minute, hour, day, month, weekday; or six fields with seconds first",
          ),
          "time-zone": value(text, "ZONE", "Such as Europe/Berlin; this machine's if absent"),
          "missed": value(
            oneOf("--missed", MISSED_POLICIES),
            MISSED_POLICIES.join("|"),
            "What to do about what passed while no worker ran; once if absent",
          ),
          ...workFlags,
          "replace": toggle("Put it in the place of one with this name"),
        }),
        aliases: workAliases,
      },
      docs: {
        brief: "Enqueue a job again and again",
        fullDescription:
          "Running workers enqueue it, each occurrence once. The command is given by --command or behind --.",
      },
    }),
    list: buildCommand<ScheduleListFlags, [], Context>({
      loader: () => import("./schedule.ts").then((module) => module.scheduleList),
      parameters: { flags: table({ "json": JSON_FLAG }) },
      docs: { brief: "List the schedules, and when each comes next" },
    }),
    run: buildCommand<Record<never, never>, string[], Context>({
      loader: () => import("./schedule.ts").then((module) => module.scheduleRun),
      parameters: { positional: someNames },
      docs: { brief: "Enqueue a job of these now, besides their occurrences; prints its id" },
    }),
    remove: buildCommand<Record<never, never>, string[], Context>({
      loader: () => import("./schedule.ts").then((module) => module.scheduleRemove),
      parameters: { positional: someNames },
      docs: { brief: "Remove schedules; jobs that are enqueued already stay" },
    }),
    pause: buildCommand<Record<never, never>, string[], Context>({
      loader: () => import("./schedule.ts").then((module) => module.schedulePause),
      parameters: { positional: someNames },
      docs: { brief: "Enqueue nothing for these until they are resumed" },
    }),
    resume: buildCommand<Record<never, never>, string[], Context>({
      loader: () => import("./schedule.ts").then((module) => module.scheduleResume),
      parameters: { positional: someNames },
      docs: { brief: "Go on with the next occurrence" },
    }),
  }),
  docs: { brief: "Recurring jobs" },
});
