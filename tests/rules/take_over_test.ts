import assert from "node:assert/strict";
import type { Job } from "../../src/model/job.ts";
import { add, jobOf, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** The job, as the queue that it came from has changed it since. */
function later(job: Job): Job {
  return { ...job, command: "echo changed", updated_at: "2030-01-01T01:00:00.000Z" };
}

Deno.test("a job that has changed where it came from is taken over anew, in its old place", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" }, { id: "b", command: "true" });
      await queue.takeOver([later(await jobOf(queue, "a"))], { dryRun: false });
      const { command, seq } = await jobOf(queue, "a");
      assert.deepEqual([command, seq], ["echo changed", 1]);
      assert.equal((await take(await queue.join("w1"))).id, "a");
    })
  );
});

Deno.test("a job that runs already where it was taken over is left alone", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      const before = await jobOf(queue, "a");
      const running = await take(await queue.join("w1"));
      await queue.takeOver([later(before)], { dryRun: false });
      assert.deepEqual(await jobOf(queue, "a"), running);
    })
  );
});
