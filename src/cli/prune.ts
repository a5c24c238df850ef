import { usage } from "../model/errors.ts";
import { isEnded, type State } from "../model/job.ts";
import type { Context } from "./context.ts";
import { printIds } from "./output.ts";

export interface PruneFlags {
  readonly "state"?: readonly (readonly State[])[];
  readonly "older-than"?: number;
  readonly "tag"?: readonly (readonly string[])[];
  readonly "dry-run"?: boolean;
}

/** `prune`: removes jobs that ended long ago; prints their ids. */
export default async function prune(this: Context, flags: PruneFlags): Promise<void> {
  const states = flags.state?.flat() ?? ["completed", "cancelled"];
  const unfinished = states.find((state) => !isEnded(state));
  if (unfinished) {
    throw usage(`${unfinished} jobs are not pruned`, "only completed, cancelled and dead ones are");
  }
  const tags = flags.tag?.flat();
  const jobs = await this.withQueue((queue) =>
    queue.prune({
      states,
      ...(tags ? { tags } : {}),
      endedBefore: this.clock() - (flags["older-than"] ?? 0) * 1000,
      workerLogs: flags["older-than"] !== undefined && !flags.state && !tags,
      dryRun: flags["dry-run"] ?? false,
    })
  );
  printIds(this.stdout, jobs);
}
