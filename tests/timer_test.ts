import assert from "node:assert/strict";
import { pause, startTimer } from "../src/timer.ts";
import { waitUntil } from "./support/wait_until.ts";

Deno.test("timers call back once each, after their time, those of no time too", async () => {
  const begun = performance.now();
  const calls: number[] = [];
  const note = (): void => void calls.push(performance.now() - begun);
  startTimer(30, note);
  startTimer(0, note);
  pause(60).then(note);
  assert.deepEqual(calls, []);
  await waitUntil("the last", () => calls.length === 3);
  assert.ok(calls[1]! >= 29 && calls[2]! >= 59, calls.join(" "));
});

Deno.test("a timer that was stopped does not call back", async () => {
  const calls: string[] = [];
  const stopped = startTimer(10, () => calls.push("stopped"));
  startTimer(0, () => calls.push("stopped at once")).stop();
  const late = startTimer(40, () => calls.push("late"));
  stopped.stop();
  await waitUntil("the late one", () => calls.length > 0);
  late.stop();
  assert.deepEqual(calls, ["late"]);
});
