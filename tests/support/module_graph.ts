/** The real module graph. */
import assert from "node:assert/strict";
import { ROOT } from "./cli.ts";

/** A module as `deno info` tells of it. */
export interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** Every module that an entry reaches, by types too. */
export async function graph(entry: string): Promise<readonly Module[]> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    stderr: "null",
  }).output();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout)).modules;
}

/** Paths below the project's root of what an entry loads when it runs, sooner or later. */
export async function loaded(entry: string): Promise<ReadonlySet<string>> {
  const modules = new Map((await graph(entry)).map((module) => [module.specifier, module]));
  const reached = new Set([`file://${ROOT}${entry}`]);
  // A set that grows while it is walked.
  for (const specifier of reached) {
    for (const { code } of modules.get(specifier)?.dependencies ?? []) {
      if (code?.specifier?.startsWith(`file://${ROOT}`)) reached.add(code.specifier);
    }
  }
  return new Set([...reached].map((specifier) => specifier.slice(`file://${ROOT}`.length)));
}
