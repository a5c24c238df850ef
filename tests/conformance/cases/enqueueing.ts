/** A job comes into the queue. */
import assert from "node:assert/strict";
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
    const [found] = await (await again()).resolve(["a:1"]);
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
    assert.equal((await queue.resolve(["42"]))[0]!.command, "true");
  },

  "ids can be shortened, to what only one job has": async ({ queue, enqueue }) => {
    await enqueue({ id: "build-1" }, { id: "build-2" }, { id: "test" });
    assert.equal((await queue.resolve(["te"]))[0]!.id, "test");
    await refused(() => queue.resolve(["build"]), "conflict", /could be/);
    await refused(() => queue.resolve(["nothing"]), "not_found", /no job 'nothing'/);
    await refused(() => queue.resolve([""]), "not_found", /no job/);
    await refused(() => queue.resolve(["te"], { whole: true }), "not_found", /no job 'te'/);
    assert.equal((await queue.resolve(["test"], { whole: true }))[0]!.id, "test");
  },
};
