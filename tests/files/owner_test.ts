import assert from "node:assert/strict";
import type { Queue } from "../../src/model/queue.ts";
import { isThere } from "../../src/machine/io.ts";
import { ok, queuectl } from "../support/cli.ts";
import { add, runNext, SUCCESS, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const SOMEBODY = 65_534;

/** The paths below a directory that are not somebody's. */
function notTheirs(directory: string): readonly string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    const own = Deno.lstatSync(path).uid === SOMEBODY ? [] : [path];
    return isDirectory ? [...own, ...notTheirs(path)] : own;
  });
}

/** What a command may do first in a queue that is there. */
const beginnings: Readonly<Record<string, (queue: Queue) => Promise<unknown>>> = {
  "enqueues": (queue) => add(queue, { id: "new", command: "true" }),
  "checkpoints": (queue) => queue.checkpoint("wait"),
  "looks for requests": async (queue) => {
    await Deno.remove(`${queue.name}/workers`, { recursive: true });
    await queue.watchRequests(() => {}).close();
  },
  "joins": async (queue) => {
    const seat = await queue.join("worker-root");
    await runNext(seat, SUCCESS);
    await seat.leave();
  },
  "stops a worker": (queue) => queue.stopWorkers(undefined, false),
  "cancels": (queue) => queue.cancel(["runs"]),
  "sets": (queue) => queue.setConfig("max_retries", 1),
  "prunes": (queue) => queue.deleteDead(undefined),
};

for (const [what, begin] of Object.entries(beginnings)) {
  Deno.test({
    name: `root, who ${what} in somebody's queue, leaves nothing there that is not theirs`,
    ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
    fn: () =>
      withDirectory(async (directory) => {
        await Deno.chown(directory, SOMEBODY, SOMEBODY);
        await withQueue(directory, async (queue) => {
          await add(queue, { id: "runs", command: "true" }, { id: "waits", command: "true" });
          const seat = await queue.join("worker-test");
          await seat.claim();
          for (const gone of ["checkpoint.lock", "logs"]) {
            await Deno.remove(`${directory}/${gone}`, { recursive: true }).catch(() => {});
          }
          await withQueue(directory, begin);
          assert.deepEqual(notTheirs(directory), []);
          await seat.leave();
        });
      }),
  });
}

Deno.test({
  name: "what root's worker has run in somebody's queue leaves logs that are theirs",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () =>
    withDirectory(async (directory) => {
      await Deno.chown(directory, SOMEBODY, SOMEBODY);
      await ok(directory, "config", "set", "on_finish", "echo told");
      await ok(directory, "enqueue", "--id", "a", "--", "echo", "said");
      await ok(directory, "worker", "start", "--drain");
      assert.deepEqual(notTheirs(directory), []);
      assert.equal(await ok(directory, "logs", "a"), "said\n");
      assert.equal(Deno.readTextFileSync(`${directory}/logs/on_finish.log`), "told\n");
    }),
});

Deno.test({
  name: "root follows no link in somebody's queue, and gives nothing away that was there",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () =>
    withDirectory(async (elsewhere) => {
      await Deno.writeTextFile(`${elsewhere}/secret`, "secret");
      for (const name of ["queue.lock", "checkpoint.lock"]) {
        for (const target of ["secret", "new"]) {
          await withDirectory(async (directory) => {
            await Deno.symlink(`${elsewhere}/${target}`, `${directory}/${name}`);
            await Deno.writeTextFile(`${directory}/jobs.json`, "[]");
            await Deno.chown(directory, SOMEBODY, SOMEBODY);
            await queuectl(directory, ["doctor"]);
            const { stderr } = await queuectl(directory, ["enqueue", "--", "true"]);
            assert.match(stderr, /is a link, which root does not follow/);
          });
        }
      }
      assert.equal(Deno.statSync(`${elsewhere}/secret`).uid, 0);
      assert.ok(!isThere(`${elsewhere}/new`));
    }),
});
