/** What is asked of workers, by files, while those come and go and the system has its moods. */
import assert from "node:assert/strict";
import { pathsOf } from "../../src/files/paths.ts";
import { requests } from "../../src/files/requests.ts";
import { add, take, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** Calls `work` while this process has no file handle left to read a file with. */
function withoutHandles<T>(work: () => T): T {
  const { readTextFileSync } = Deno;
  Deno.readTextFileSync = () => {
    throw new Error("Too many open files (os error 24)");
  };
  try {
    return work();
  } finally {
    Deno.readTextFileSync = readTextFileSync;
  }
}

/** Calls `work`, and `meanwhile` just before a file of this kind is put in its place. */
async function justBefore<T>(
  kind: string,
  meanwhile: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const { renameSync } = Deno;
  Deno.renameSync = (from, to): void => {
    if (String(to).endsWith(kind)) meanwhile();
    renameSync(from, to);
  };
  try {
    return await work();
  } finally {
    Deno.renameSync = renameSync;
  }
}

function namesIn(directory: string): readonly string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

Deno.test("a request that cannot be read just now is there at the next look, and hides no other", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      await queue.cancel(["a"]);
      await queue.stopWorkers(["w1"], false);
      const paths = pathsOf(directory);
      assert.deepEqual(withoutHandles(() => requests(paths, ["w1"])), []);
      const both = [
        { kind: "stop", worker: "w1", force: false, all: false },
        { kind: "cancel", worker: "w1", run },
      ];
      assert.deepEqual(requests(paths, ["w1"]), both);
      assert.deepEqual(requests(paths, ["w1"]), both.slice(0, 1), "a stop goes on to be asked");
      await seat.leave();
    })
  );
});

Deno.test("a worker that leaves as it is asked to do something leaves no request behind", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      const first = await queue.join("w1");
      await justBefore(".stop", () => void first.leave(), () => queue.stopWorkers(["w1"], false));
      assert.deepEqual(namesIn(`${directory}/workers`), []);
      const second = await queue.join("w2");
      await take(second);
      await justBefore(".cancel", () => void second.leave(), () => queue.cancel(["a"]));
      assert.deepEqual(namesIn(`${directory}/workers`), []);
    })
  );
});

Deno.test("a cancel counts although the worker cannot be told, and says so", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { warnings }) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      await take(seat);
      const full = (): never => {
        throw new Error("No space left on device (os error 28)");
      };
      const { jobs } = await justBefore(".cancel", full, () => queue.cancel(["a"]));
      assert.equal(jobs[0]?.state, "processing", "as it was before");
      assert.equal((await queue.get(["a"]))[0]?.state, "cancelled");
      assert.deepEqual(warnings, [
        "cancelled, but w1 could not be told: it ends the run at its next heartbeat " +
        "(No space left on device)",
      ]);
      await seat.leave();
    })
  );
});
