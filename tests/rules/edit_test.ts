import assert from "node:assert/strict";
import { add, FAILURE, runNext, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("a job that waits for another run is left one, and one that has ended may have fewer", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { time }) => {
      await add(queue, { id: "a", command: "false", max_retries: 5 }, {
        id: "new",
        command: "true",
      });
      const seat = await queue.join("w1");
      for (let runs = 0; runs < 3; runs++) {
        if (runs > 0) await queue.edit(["new"], { priority: -1 });
        await runNext(seat, FAILURE);
        time.advance(3_600);
      }
      await assert.rejects(
        () => queue.edit(["new", "a"], { max_retries: 2 }),
        { code: "conflict", message: /'a' cannot have max_retries 2 as it has had 3 runs/ },
      );
      const [fresh] = await queue.get(["new"]);
      assert.equal(fresh!.max_retries, 3, "all or none");
      await queue.edit(["a"], { max_retries: 3 });
      assert.equal((await runNext(seat, FAILURE)).state, "dead");
      await queue.edit(["a"], { max_retries: 0 });
      await queue.retry(["a"], { force: false, withDependents: false });
      assert.equal((await runNext(seat, FAILURE)).attempts, 1);
    })
  );
});

Deno.test("a cancelled job is edited when its run has ended, and not before", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      await queue.cancel(["a"]);
      await assert.rejects(
        () => queue.edit(["a"], { priority: 1 }),
        { code: "conflict", message: /its cancelled run has not ended yet/ },
      );
      await seat.settle({ id: "a", run: run! }, { kind: "interrupted" }, false);
      assert.equal((await queue.edit(["a"], { priority: 1 }))[0]?.priority, 1);
    })
  );
});
