import type { Job } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import type { Context } from "./context.ts";
import { nameSome } from "../model/text.ts";

/** What died with a job does not come along when that begins anew: says so. */
export async function warnOfDependents(
  { warn }: Context,
  queue: Queue,
  begun: readonly Job[],
): Promise<void> {
  const ids = new Set(begun.map(({ id }) => id));
  if (ids.size === 0) return;
  const { jobs } = await queue.list({ states: ["dead"] });
  const staying = jobs.filter(({ depends_on }) => depends_on?.some((id) => ids.has(id)));
  if (staying.length === 0) return;
  const named = nameSome(staying.map(({ id }) => id));
  warn(`what waited for it stays dead: ${named} (\`retry --with-dependents\` brings it along)`);
}
