import assert from "node:assert/strict";
import { pathsOf } from "../../src/files/paths.ts";
import { runLogPath } from "../../src/machine/paths.ts";
import { add, runNext, SUCCESS, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("logs that cannot be removed keep no job from going, and are told of", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { warnings }) => {
      await add(queue, ...["a", "b", "c"].map((id) => ({ id, command: "true" })));
      const seat = await queue.join("w1");
      const paths = pathsOf(directory);
      const logs: string[] = [];
      for (const id of ["a", "b", "c"]) {
        const { history } = await runNext(seat, SUCCESS);
        const log = runLogPath(paths, id, history![0]!.run);
        if (id === "b") Deno.writeTextFileSync(log, "");
        else Deno.mkdirSync(`${log}/in the way`, { recursive: true });
        logs.push(log);
      }
      await queue.delete(["a", "b", "c"]);
      assert.equal((await queue.list({})).total, 0);
      assert.throws(() => Deno.statSync(logs[1]!), Deno.errors.NotFound);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, /^done, but \S+ and 1 more could not be removed: /);
      assert.ok(warnings[0]!.includes(logs[0]!));
      await seat.leave();
    })
  );
});
