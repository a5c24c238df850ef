import type { Environment } from "../model/environment.ts";
import type { Location } from "../model/location.ts";
import type { Finished, Queue } from "../model/queue.ts";
import type { Purpose } from "../open_queue.ts";
import type { OnFinish } from "../worker/on_finish.ts";
import type { Afterwards } from "../worker/work.ts";

/**
 * Opens a queue, hands it over, and closes it whatever happens; runs `on_finish` for the jobs that
 * have ended meanwhile.
 */
export async function withQueue<T>(
  location: Location,
  { clock, random }: Pick<Environment, "clock" | "random">,
  warn: (sentence: string) => void,
  work: (queue: Queue, afterwards: Afterwards) => Promise<T>,
  purpose: Purpose = "command",
): Promise<T> {
  let onFinish: Promise<OnFinish> | undefined;
  // Few commands end a job, so what runs processes is loaded by the first that does.
  const onFinished = (finished: Finished): void => {
    onFinish ??= import("../worker/on_finish.ts").then((module) =>
      new module.OnFinish({ name: `pid-${Deno.pid}`, location, onFailure: warn })
    );
    onFinish = onFinish.then((runner) => {
      runner.take(finished);
      return runner;
    });
  };
  const { openQueue } = await import("../open_queue.ts");
  const queue = await openQueue(location, {
    clock,
    random,
    warn,
    onFinished,
    purpose,
  });
  const afterwards: Afterwards = {
    done: async () => await (await onFinish)?.done(),
    interrupt: () => void onFinish?.then((runner) => runner.interrupt()),
  };
  try {
    return await work(queue, afterwards);
  } finally {
    try {
      // Also for jobs that have ended before something went wrong.
      await afterwards.done();
    } finally {
      await queue.close();
    }
  }
}
