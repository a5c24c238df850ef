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
    readonly isDynamic?: boolean;
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

const PREFIX = `file://${ROOT}`;

/** Paths below the project's root of what an entry loads when it runs: at once or, in the end, all of it. */
export async function loaded(
  entry: string,
  when: "at once" | "in the end",
): Promise<ReadonlySet<string>> {
  const modules = new Map((await graph(entry)).map((module) => [module.specifier, module]));
  const reached = new Set([`${PREFIX}${entry}`]);
  // A set that grows while it is walked.
  for (const specifier of reached) {
    for (const { code, isDynamic } of modules.get(specifier)?.dependencies ?? []) {
      if (isDynamic && when === "at once") continue;
      if (code?.specifier?.startsWith(PREFIX)) reached.add(code.specifier);
    }
  }
  return new Set([...reached].map((specifier) => specifier.slice(PREFIX.length)));
}

/** Paths below the project's root of what the modules of a folder load when they need it. */
export async function loadedLater(entry: string, folder: string): Promise<readonly string[]> {
  const modules = (await graph(entry)).filter(({ specifier }) =>
    specifier.startsWith(`${PREFIX}${folder}/`)
  );
  const later = modules.flatMap(({ dependencies = [] }) =>
    dependencies.filter(({ isDynamic }) => isDynamic)
  );
  return later.flatMap(({ code }) => code?.specifier?.slice(PREFIX.length) ?? []);
}
