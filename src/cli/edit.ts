import { usage } from "../model/errors.ts";
import { commandOfWords } from "./command_words.ts";
import type { Context } from "./context.ts";
import { warnOfDirectories } from "./directories.ts";
import { idsOf } from "./ids_of.ts";
import { readTimingFlags, readWorkFlags, type TimingFlags, type WorkFlags } from "./job_flags.ts";
import { printIds } from "./output.ts";

export type EditFlags = WorkFlags & TimingFlags;

/** `edit`: jobs that wait, or could be retried, get other fields; prints their ids. */
export default async function edit(
  this: Context,
  flags: EditFlags,
  ...words: string[]
): Promise<void> {
  const { afterDashes } = this;
  if (afterDashes && flags.command !== undefined) {
    throw usage("the command is given twice: by --command and by words behind --");
  }
  const change = {
    ...readWorkFlags(this, flags),
    ...readTimingFlags(this, flags),
    ...(afterDashes ? { command: commandOfWords(this, afterDashes, "changed") } : {}),
  };
  if (Object.keys(change).length === 0) {
    throw usage("there is nothing to change", "say what, as in --priority 5 or --delay 10m");
  }
  warnOfDirectories(this, [change]);
  const jobs = await this.withQueue(async (queue) =>
    await queue.edit(await idsOf(queue, words), change)
  );
  printIds(this.stdout, jobs);
}
