import assert from "node:assert/strict";
import { QueueError } from "../../src/model/errors.ts";
import { parseRecord } from "../../src/model/record.ts";

const defaults = { seq: 9, now: "2030-01-01T00:00:00.000Z", maxRetries: 3 };

Deno.test("a record written by hand gets what it lacks", () => {
  assert.deepEqual(parseRecord({ id: "a", command: "true" }, defaults), {
    id: "a",
    command: "true",
    state: "pending",
    attempts: 0,
    max_retries: 3,
    created_at: defaults.now,
    updated_at: defaults.now,
    seq: 9,
  });
  for (const bad of [{ id: "a" }, { command: "a" }, { id: "a", command: "b", state: "done" }, 5]) {
    assert.throws(() => parseRecord(bad, defaults), QueueError);
  }
});

Deno.test("times of a record that a hand has written are brought into their usual form", () => {
  const run = {
    run: "r1",
    attempt: 1,
    worker: "w",
    started_at: "2030-01-01",
    finished_at: "2030-01-01T00:00:01Z",
    exit_code: 0,
  };
  const given = {
    id: "a",
    command: "true",
    created_at: "2030-01-01",
    updated_at: "2030-01-01T10:00:00.123456",
    history: [run],
  };
  const { created_at, updated_at, history } = parseRecord(given, defaults);
  assert.equal(created_at, "2030-01-01T00:00:00.000Z");
  assert.equal(updated_at, "2030-01-01T10:00:00.123Z");
  assert.deepEqual(history, [{
    ...run,
    started_at: "2030-01-01T00:00:00.000Z",
    finished_at: "2030-01-01T00:00:01.000Z",
  }]);
  for (const bad of ["", "job 5", "2030-02-30", true]) {
    assert.throws(() => parseRecord({ ...given, created_at: bad }, defaults), /ISO 8601/);
  }
  for (const bad of [{ run: "x", attempt: 1 }, { ...run, exit_code: "0" }, 7, null]) {
    assert.throws(() => parseRecord({ ...given, history: [bad] }, defaults), QueueError);
  }
});

Deno.test("a record keeps every field, in the order of the files, and a null is as good as nothing", () => {
  const record = {
    id: "a",
    command: "true",
    state: "cancelled",
    attempts: 2,
    max_retries: 1,
    created_at: "2030-01-01T00:00:00.000Z",
    updated_at: "2030-01-01T00:00:01.000Z",
    seq: 5,
    priority: -3,
    run_at: "2030-01-02T00:00:00.000Z",
    timeout_seconds: 0,
    depends_on: ["b"],
    cwd: "/tmp",
    env: { A: "1" },
    tags: ["x"],
    started_at: "2030-01-01T00:00:01.000Z",
    finished_at: "2030-01-01T00:00:01.000Z",
    exit_code: 1,
    error: "cancelled",
    worker: "w",
    run: "r",
    lease_expires_at: "2030-01-01T00:01:00.000Z",
    waited_seconds: 0.5,
    history: [],
  };
  const mixed = Object.fromEntries(Object.entries(record).reverse());
  assert.equal(JSON.stringify(parseRecord(mixed, defaults)), JSON.stringify(record));
  const sparse = { id: "a", command: "true", state: null, error: null, max_retries: null };
  assert.equal(
    JSON.stringify(parseRecord(sparse, defaults)),
    JSON.stringify(parseRecord({ id: "a", command: "true" }, defaults)),
  );
  const wrong = {
    seq: [-1, 2 ** 53 - 1],
    exit_code: ["0"],
    worker: [1, "../x"],
    run: ["a/b"],
    run_at: ["x"],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const bad of values) {
      assert.throws(() => parseRecord({ ...record, [name]: bad }, defaults), new RegExp(name));
    }
  }
  assert.throws(() => parseRecord({ ...record, constructor: 1 }, defaults), /unknown field/);
});
