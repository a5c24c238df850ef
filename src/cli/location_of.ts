import { usage } from "../model/errors.ts";
import { absolutePath, type Location, parseStore } from "../model/location.ts";
import { locate } from "../locate.ts";
import type { Context } from "./context.ts";
import type { Words } from "./words.ts";

/**
 * Where the queue is: what `--store` says, else the directory that `--data-dir` names, else what
 * `QUEUECTL_STORE` says, else the directory in `QUEUECTL_HOME` or `~/.queuectl`. Directories are made absolute.
 */
export function locationOf(
  globals: Words["globals"],
  { env, cwd }: Pick<Context, "env" | "cwd">,
): Location {
  const named = globals["data-dir"];
  const given = globals.store ?? (named ? undefined : env("QUEUECTL_STORE"));
  const directory = absolutePath(
    named || env("QUEUECTL_HOME") || `${homeOf(env)}/.queuectl`,
    cwd,
  );
  if (given === undefined) return locate(directory);
  // A job on files is told that there is no store: then no setting names one either.
  if (given === "") return { directory };
  parseStore(given);
  return { directory, store: given };
}

/** The home directory of who runs this. */
export function homeOf(env: Context["env"]): string {
  const home = env("HOME") ?? env("USERPROFILE");
  if (!home) throw usage("there is no home directory", "set QUEUECTL_HOME, or use --data-dir DIR");
  return home;
}
