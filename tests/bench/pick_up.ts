import type { Location } from "../../src/model/location.ts";
import { openQueue } from "../../src/open_queue.ts";
import { quantile, queuectl } from "./measure.ts";

/** From the acknowledged id to the command running, with two idle workers; milliseconds. */
export async function pickUp(
  location: Location,
  rounds: number,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const { directory, store } = location;
  const flags = store === undefined ? [] : ["--store", store];
  const queue = await openQueue(location, {
    clock: Date.now,
    random: Math.random,
    warn: () => {},
    purpose: "command",
  });
  await queuectl(directory, "worker", "start", "--count", "2", "--detach", ...flags);
  const times: number[] = [];
  try {
    for (let job = 0; job < rounds; job++) {
      const stamp = `${directory}/stamp${job}`;
      const { ids } = await queue.enqueue(
        [{ command: `date +%s%N > ${stamp}.tmp; mv ${stamp}.tmp ${stamp}` }],
        { ifAbsent: false },
      );
      const acknowledged = performance.timeOrigin + performance.now();
      for (;;) {
        const [state] = (await queue.resolve(ids)).map((each) => each.state);
        if (state === "completed") break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      times.push(Number(Deno.readTextFileSync(stamp)) / 1e6 - acknowledged);
    }
  } finally {
    await queuectl(directory, "worker", "stop", "--wait", ...flags);
    await queue.close();
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
