import assert from "node:assert/strict";
import { AwaitedJobs } from "../../src/cli/awaited_jobs.ts";
import { add, runNext, SUCCESS, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("a job that was seen to end counts though it is gone, one that was not is missed", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, ...["fast", "slow", "lost"].map((id) => ({ id, command: "true" })));
      const awaited = new AwaitedJobs(queue, ["fast", "slow"]);
      const states = async (): Promise<readonly string[]> =>
        (await awaited.look()).map(({ state }) => state);
      const seat = await queue.join("worker-test");
      await runNext(seat, SUCCESS);
      assert.deepEqual(await states(), ["completed", "pending"]);
      await queue.delete(["fast"]);
      assert.deepEqual(await states(), ["completed", "pending"]);
      await runNext(seat, SUCCESS);
      assert.deepEqual(await states(), ["completed", "completed"]);
      const missing = new AwaitedJobs(queue, ["slow", "lost"]);
      await missing.look();
      await queue.delete(["lost"]);
      await assert.rejects(() => missing.look(), /no job 'lost'/);
    })
  );
});
