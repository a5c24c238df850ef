/** The commands about settings: what each takes. */
import { buildCommand, buildRouteMap } from "@stricli/core";
import type { Context } from "./context.ts";
import type { ConfigFlags } from "./config.ts";
import { JSON_FLAG, table, text } from "./flags.ts";
import { oneKey } from "./parameters.ts";

const listConfig = buildCommand<ConfigFlags, [], Context>({
  loader: () => import("./config.ts").then((module) => module.configList),
  parameters: { flags: table({ "json": JSON_FLAG }) },
  docs: { brief: "List every setting, its value and its default" },
});

export const config = buildRouteMap({
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
