/**
 * The command tree, as one table: every command and group, and where it is defined. A command line
 * loads only the branch that it asks for; help and "did you mean" load all.
 */
import { buildRouteMap, type Command, type RouteMap } from "@stricli/core";
import type { Context } from "./context.ts";
import { table } from "./flags.ts";

type Branch = Command<Context> | RouteMap<Context>;

const BRANCHES: Readonly<Record<string, () => Promise<Branch>>> = table({
  "enqueue": async () => (await import("./job_commands.ts")).enqueue,
  "list": async () => (await import("./job_commands.ts")).list,
  "show": async () => (await import("./job_commands.ts")).show,
  "logs": async () => (await import("./job_commands.ts")).logs,
  "wait": async () => (await import("./job_commands.ts")).wait,
  "cancel": async () => (await import("./job_commands.ts")).cancel,
  "retry": async () => (await import("./job_commands.ts")).retry,
  "edit": async () => (await import("./job_commands.ts")).edit,
  "delete": async () => (await import("./job_commands.ts")).deleteJobs,
  "prune": async () => (await import("./job_commands.ts")).prune,
  "dlq": async () => (await import("./dlq_commands.ts")).dlq,
  "worker": async () => (await import("./worker_commands.ts")).worker,
  "schedule": async () => (await import("./schedule_commands.ts")).schedule,
  "status": async () => (await import("./queue_commands.ts")).status,
  "metrics": async () => (await import("./queue_commands.ts")).metrics,
  "pause": async () => (await import("./queue_commands.ts")).pause,
  "resume": async () => (await import("./queue_commands.ts")).resume,
  "reset": async () => (await import("./queue_commands.ts")).reset,
  "web": async () => (await import("./queue_commands.ts")).web,
  "config": async () => (await import("./config_commands.ts")).config,
  "migrate": async () => (await import("./queue_commands.ts")).migrate,
  "checkpoint": async () => (await import("./queue_commands.ts")).checkpoint,
  "doctor": async () => (await import("./queue_commands.ts")).doctor,
  "completions": async () => (await import("./queue_commands.ts")).completions,
});

/**
 * The tree for a command line.
 *
 * @param first its first word; if there is no such command, the whole tree is loaded
 */
export async function loadCommandTree(first: string | undefined): Promise<RouteMap<Context>> {
  const names = first !== undefined && first in BRANCHES ? [first] : Object.keys(BRANCHES);
  const branches = await Promise.all(
    names.map(async (name) => [name, await BRANCHES[name]!()] as const),
  );
  return buildRouteMap<string, Context>({
    routes: table(Object.fromEntries(branches)),
    docs: { brief: "A background queue for shell commands that lives in plain JSON files" },
  });
}
