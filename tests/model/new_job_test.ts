import assert from "node:assert/strict";
import { QueueError } from "../../src/model/errors.ts";
import { MAX_COMMAND_BYTES } from "../../src/model/fields.ts";
import { parseNewJob } from "../../src/model/new_job.ts";

const parse = (value: unknown): unknown => parseNewJob(value, "UTC");

Deno.test("a pasted whole record is accepted, and only what a person may set is taken from it", () => {
  const record = {
    id: "unique-job-id",
    command: "echo 'Hello World'",
    state: "pending",
    attempts: 0,
    max_retries: 3,
    created_at: "2025-11-04T10:30:00Z",
    updated_at: "2025-11-04T10:30:00Z",
  };
  assert.deepEqual(parse(record), {
    id: "unique-job-id",
    command: "echo 'Hello World'",
    max_retries: 3,
  });
});

Deno.test("every field that a person may set is kept", () => {
  const job = {
    id: "a",
    command: "true",
    max_retries: 0,
    priority: -5,
    run_at: "2030-01-01T00:00:00.000Z",
    timeout_seconds: 1.5,
    depends_on: ["b"],
    cwd: "/tmp",
    env: { A: "1" },
    tags: ["x"],
  };
  assert.deepEqual(parse(job), job);
});

Deno.test("what cannot be is refused, naming the field", () => {
  const bad: readonly (readonly [unknown, string])[] = [
    [[], "job"],
    ["x", "job"],
    [null, "job"],
    [{ command: "" }, "command"],
    [{ command: "  " }, "command"],
    [{ command: 5 }, "command"],
    [{ command: "a\0b" }, "command"],
    [{ command: "half of a character \ud83d" }, "command"],
    [{ command: "ä".repeat(MAX_COMMAND_BYTES / 2 + 1) }, "command"],
    [{ command: "x".repeat(MAX_COMMAND_BYTES + 1) }, "command"],
    [{ id: "../../x" }, "../../x"],
    [{ id: ".x" }, ".x"],
    [{ id: "-x" }, "-x"],
    [{ id: "" }, "''"],
    [{ id: "a b" }, "a b"],
    [{ id: 7 }, "id"],
    [{ id: "x".repeat(129) }, "xxx"],
    [{ max_retries: -1 }, "max_retries"],
    [{ max_retries: 1.5 }, "max_retries"],
    [{ max_retries: "3" }, "max_retries"],
    [{ priority: 0.5 }, "priority"],
    [{ run_at: "yesterday" }, "run_at"],
    [{ run_at: true }, "run_at"],
    [{ timeout_seconds: -1 }, "timeout_seconds"],
    [{ depends_on: [1] }, "depends_on"],
    [{ depends_on: "no way" }, "no way"],
    [{ cwd: 1 }, "cwd"],
    [{ env: { "A B": "1" } }, "A B"],
    [{ env: { A: 1 } }, "env A"],
    [{ env: { QUEUECTL_RUN: "x" } }, "QUEUECTL_RUN"],
    [{ tags: ["a b"] }, "a b"],
    [{ state: "completed" }, "state"],
    [{ attempts: 1 }, "attempts"],
    [{ comand: "echo" }, "comand"],
    [{ constructor: 1 }, "constructor"],
  ];
  for (const [value, named] of bad) {
    assert.throws(
      () => parse(value),
      (error: unknown) =>
        error instanceof QueueError && error.code === "usage" && error.message.includes(named),
      JSON.stringify(value).slice(0, 80),
    );
  }
});
