import { usage } from "../model/errors.ts";
import { COMPLETION_SCRIPTS } from "./completion_scripts.ts";
import type { Context } from "./context.ts";
import { printLine } from "./output.ts";

/** The word by which the scripts ask for candidates; what is on the line so far comes behind `--`. */
const ASKING = "candidates";

/** `completions`: the script for a shell; called by that script, the words that may come next. */
export default async function completions(
  this: Context,
  _flags: Record<never, never>,
  shell: string,
  ...line: string[]
): Promise<void> {
  if (shell === ASKING) {
    const { candidates } = await import("./candidates.ts");
    for (const candidate of await candidates(this, line)) printLine(this.stdout, candidate);
    return;
  }
  const script = COMPLETION_SCRIPTS[shell];
  if (script === undefined || line.length > 0) {
    throw usage(`there are completions for ${Object.keys(COMPLETION_SCRIPTS).join(", ")}`);
  }
  this.stdout.write(script);
}
