import assert from "node:assert/strict";
import { openQueue } from "../../src/open_queue.ts";
import { Supervisor } from "../../src/worker/supervisor.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("a worker that crashes is replaced, with a pause that grows", async () => {
  await withDirectory(async (directory) => {
    const queue = await openQueue(directory, {
      clock: Date.now,
      random: Math.random,
      warn: () => {},
      checkpointOnClose: true,
    });
    const crashes: number[] = [];
    let made = 0;
    const supervisor = new Supervisor({
      queue,
      count: 1,
      drain: false,
      clock: Date.now,
      thread: new URL("../support/crashing_thread.ts", import.meta.url),
      makeWorkerId: () => `worker-${made++}`,
      format: "text",
      onTold: (text) => {
        if (text.includes("crashed: ") && text.includes("a fault in the thread")) {
          crashes.push(performance.now());
        }
      },
      onReady: () => {},
    });
    const ended = supervisor.run();
    await waitUntil("four crashes", () => crashes.length >= 4);
    supervisor.stop(false);
    assert.equal(await ended, "finished");
    await queue.close();
    const pauses = crashes.slice(1).map((at, index) => at - crashes[index]!);
    assert.ok(pauses[0]! >= 100 && pauses[1]! >= 200 && pauses[2]! >= 400, pauses.join(" "));
  });
});
