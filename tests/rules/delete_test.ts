import assert from "node:assert/strict";
import { add, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("delete removes jobs that do not run, and refuses what others wait for", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" }, { id: "b", command: "true" }, {
        id: "c",
        command: "true",
        depends_on: ["b"],
      });
      const seat = await queue.join("w1");
      await take(seat);
      await assert.rejects(() => queue.delete(["a"]), /as it runs/);
      await assert.rejects(() => queue.delete(["b"]), /'c' waits for it/);
      await queue.delete(["b", "c"]);
      assert.equal((await queue.list({})).total, 1);
    })
  );
});

Deno.test("of jobs that may be unfit, delete leaves what others wait for, and what those wait for", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      const chain = ["a", "b", "c", "d"].map((id, index, all) => ({
        id,
        command: "true",
        ...(index === 0 ? {} : { depends_on: [all[index - 1]!] }),
      }));
      await add(queue, ...chain, { id: "free", command: "true" });
      const gone = await queue.delete(["a", "b", "c", "free"], "leave");
      assert.deepEqual(gone.map(({ id }) => id), ["free"]);
      assert.equal((await queue.delete(["a", "b", "c", "d"], "leave")).length, 4);
    })
  );
});
