import { usage } from "../model/errors.ts";
import { COMPLETION_SCRIPTS } from "./completion_scripts.ts";
import type { Context } from "./context.ts";
import { printLine } from "./output.ts";

/**
 * The words by which the scripts ask for candidates; what is on the line so far comes behind `--`.
 * Described, each has a tab and what it stands for behind it.
 */
const ASKING = ["candidates", "described"];

/** `completions`: the script for a shell; called by that script, the words that may come next. */
export default async function completions(
  this: Context,
  _flags: Record<never, never>,
  shell: string,
  ...line: string[]
): Promise<void> {
  if (ASKING.includes(shell)) {
    const { candidates } = await import("./candidates.ts");
    for (const { word, about } of await candidates(this, line)) {
      const isTold = shell === "described" && about !== undefined;
      printLine(this.stdout, isTold ? `${word}\t${about}` : word);
    }
    return;
  }
  const script = COMPLETION_SCRIPTS[shell];
  if (script === undefined || line.length > 0) {
    throw usage(`there are completions for ${Object.keys(COMPLETION_SCRIPTS).join(", ")}`);
  }
  this.stdout.write(script);
}
