import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "../../src/model/duration.ts";
import { QueueError } from "../../src/model/errors.ts";

Deno.test("a duration is a number of seconds, or numbers with units, joined", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["90", 90],
    ["1.5", 1.5],
    ["0", 0],
    ["500ms", 0.5],
    ["90s", 90],
    ["2h", 7200],
    ["1h30m", 5400],
    ["1h 30m", 5400],
    ["10min", 600],
    ["5sec", 5],
    ["7d", 604_800],
    ["2w", 1_209_600],
    ["1.5m", 90],
  ];
  for (const [text, seconds] of cases) assert.equal(parseDuration(text, "--delay"), seconds, text);
});

Deno.test("what is no duration is refused with the name of what it was for", () => {
  for (const text of ["", " ", "x", "1x", "-5", "1h-5m", "h", "1 h", "1e3", "NaN", "∞", "1h 30"]) {
    assert.throws(
      () => parseDuration(text, "--delay"),
      (error: unknown) => error instanceof QueueError && error.message.startsWith("--delay:"),
      text,
    );
  }
});

Deno.test("a duration is shown with its two largest units", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0.005, "5ms"],
    [1.25, "1.3s"],
    [59, "59s"],
    [61, "1m 1s"],
    [3600, "1h"],
    [5400, "1h 30m"],
    [90_061, "1d 1h"],
  ];
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text);
});
