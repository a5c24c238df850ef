import assert from "node:assert/strict";
import { QueueError } from "../../src/model/errors.ts";
import { nextTimeOfDay, parseInstant } from "../../src/model/instant.ts";

const parse = (value: string | number): string => parseInstant(value, "run_at", "Europe/Berlin");

Deno.test("a time with an offset is that time, a time without one is local, a number is seconds since 1970", () => {
  assert.equal(parse("2030-01-01T10:00:00Z"), "2030-01-01T10:00:00.000Z");
  assert.equal(parse("2030-01-01T10:00:00+05:30"), "2030-01-01T04:30:00.000Z");
  assert.equal(parse("2030-01-31t10:00:00+05:00"), "2030-01-31T05:00:00.000Z");
  assert.equal(parse("2030-01-31T10:00:00+05:00[Asia/Karachi]"), "2030-01-31T05:00:00.000Z");
  assert.equal(parse("2030-01-31 10:00[Asia/Karachi]"), "2030-01-31T05:00:00.000Z");
  assert.equal(parse("20300131 100000+0500"), "2030-01-31T05:00:00.000Z");
  assert.equal(parse("2030-01-01 10:00:00"), "2030-01-01T09:00:00.000Z");
  assert.equal(parse("2030-07-01T10:00"), "2030-07-01T08:00:00.000Z");
  assert.equal(parse("2030-01-01"), "2029-12-31T23:00:00.000Z");
  assert.equal(parse(0), "1970-01-01T00:00:00.000Z");
});

Deno.test("a time that does not exist is refused", () => {
  for (const value of ["2030-02-31", "2030-13-01T00:00", "tomorrow", "", "10:00", Infinity, NaN]) {
    assert.throws(() => parse(value), QueueError, String(value));
  }
});

Deno.test("a time of day is the next one, also across a change of the clocks", () => {
  const next = (text: string, now: string): string | undefined =>
    nextTimeOfDay(text, Date.parse(now), "Europe/Berlin");
  assert.equal(next("22:00", "2030-01-01T12:00:00Z"), "2030-01-01T21:00:00.000Z");
  assert.equal(next("22:00", "2030-01-01T21:00:00Z"), "2030-01-02T21:00:00.000Z");
  assert.equal(next("7:05", "2030-01-01T12:00:00Z"), "2030-01-02T06:05:00.000Z");
  assert.equal(next("22:00", "2030-03-30T21:30:00Z"), "2030-03-31T20:00:00.000Z");
  assert.equal(next("02:30", "2026-10-25T00:45:00Z"), "2026-10-25T01:30:00.000Z", "the second");
  assert.equal(next("02:30", "2026-10-25T01:45:00Z"), "2026-10-26T01:30:00.000Z");
  for (const text of ["24:00", "22", "22:60", "22:00:00", "10pm", "2030-01-01 22:00", ""]) {
    assert.equal(next(text, "2030-01-01T12:00:00Z"), undefined, text);
  }
});
