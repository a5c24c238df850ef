/** A job comes into the queue. */
import assert from "node:assert/strict";
import type { NewJob } from "../../../src/model/job.ts";
import { type Cases, refused } from "../case.ts";

export const ENQUEUEING: Cases = {
  "a job is there as it was given, and survives that the queue is closed": async (
    { enqueue, again },
  ) => {
    const job = {
      id: "a:1",
      command: "echo 'ä' \"$X\" | cat",
      max_retries: 7,
      priority: 5,
      run_at: "2099-01-01T00:00:00.000Z",
      timeout_seconds: 12,
      cwd: "/tmp",
      env: { X: "y z" },
      tags: ["t1", "t2"],
    };
    await enqueue(job);
    const [found] = await (await again()).get(["a:1"]);
    const { state, attempts, created_at, updated_at, seq, ...rest } = found!;
    assert.deepEqual(rest, job);
    assert.deepEqual([state, attempts], ["pending", 0]);
    assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000);
    assert.equal(created_at, updated_at);
    assert.ok(Number.isSafeInteger(seq));
  },

  "made ids are different, numbers are ids too, and an id is there once": async (
    { queue, enqueue },
  ) => {
    const made = await enqueue({}, {}, {});
    assert.equal(new Set(made).size, 3);
    await enqueue({ id: "42" });
    await refused(() => enqueue({ id: "42" }), "conflict", /exists already/);
    await refused(() => enqueue({ id: "new" }, { id: "42" }), "conflict", /exists already/);
    await refused(() => enqueue({ id: "x" }, { id: "x" }), "conflict", /given twice/);
    const { ids } = await queue.enqueue([{ id: "42", command: "other" }], { ifAbsent: true });
    assert.deepEqual(ids, ["42"]);
    assert.deepEqual((await queue.list({})).total, 4, "nothing of what was refused is there");
    assert.equal((await queue.get(["42"]))[0]!.command, "true");
  },

  "people may shorten ids, to what only one job has, and a whole one wins": async (
    { queue, enqueue },
  ) => {
    await enqueue({ id: "build-1" }, { id: "build-2" }, { id: "test" }, { id: "tests" });
    const meant = async (...words: string[]): Promise<readonly string[]> =>
      (await queue.resolve(words)).map(({ id }) => id);
    assert.deepEqual(await meant("test", "build-1", "tests"), ["test", "build-1", "tests"]);
    await queue.delete(["tests"]);
    assert.deepEqual(await meant("te", "test"), ["test", "test"]);
    await refused(() => meant("build"), "conflict", /could be/);
    await refused(() => meant("test", "nothing"), "not_found", /no job 'nothing'/);
    await refused(() => meant(""), "not_found", /no job/);
  },

  "no beginning is taken for an id by what changes a job": async ({ queue, enqueue }) => {
    await enqueue({ id: "job-1" }, { id: "job-10" });
    await queue.delete(["job-1"]);
    const how = { force: true, withDependents: false };
    const verbs = {
      get: () => queue.get(["job-1"]),
      delete: () => queue.delete(["job-1"]),
      deleteDead: () => queue.deleteDead(["job-1"]),
      cancel: () => queue.cancel(["job-1"]),
      edit: () => queue.edit(["job-1"], { priority: 1 }),
      retry: () => queue.retry(["job-1"], how),
      retryDead: () => queue.retryDead(["job-1"], how),
      findLog: () => queue.findLog("job-1", {}),
    };
    for (const verb of Object.values(verbs)) await refused(verb, "not_found", /no job 'job-1'/);
    const [left] = await queue.get(["job-10"]);
    assert.equal(left!.state, "pending");
    assert.equal(left!.priority, undefined);
  },

  "of two who enqueue one id at once one is refused, with all of its jobs": async (
    { queue, again },
  ) => {
    const other = await again();
    const rounds = 10;
    for (let round = 0; round < rounds; round++) {
      const jobs = (by: string): readonly NewJob[] =>
        [`one${round}`, `${by}${round}`].map((id) => ({ id, command: "true" }));
      const ends = await Promise.allSettled([
        queue.enqueue(jobs("a"), { ifAbsent: false }),
        other.enqueue(jobs("b"), { ifAbsent: false }),
      ]);
      assert.equal(ends.filter(({ status }) => status === "rejected").length, 1);
    }
    assert.equal((await queue.list({})).total, 2 * rounds);
  },
};
