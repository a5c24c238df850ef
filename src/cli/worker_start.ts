import { describe, type WorkerEvent } from "../worker/events.ts";
import { Supervisor } from "../worker/supervisor.ts";
import type { Context } from "./context.ts";
import { startInBackground } from "./detach.ts";
import { EXIT_SIGINT } from "./errors.ts";
import { ClosedPipe, printLine } from "./output.ts";
import { onStopSignals } from "./signals.ts";

export interface WorkerStartFlags {
  readonly "count"?: number;
  readonly "drain"?: boolean;
  readonly "detach"?: boolean;
  readonly "log-format"?: "text" | "json";
  readonly "in-background"?: boolean;
}

/** `worker start`: runs jobs until it is told to stop, one line per event. */
export default async function workerStart(this: Context, flags: WorkerStartFlags): Promise<void> {
  const count = flags.count ?? 1;
  if (flags.detach) {
    const ids = await startInBackground(this.location, count, flags.drain ?? false);
    for (const id of ids) printLine(this.stdout, id);
    return;
  }
  await this.withQueue(async (queue) => {
    const supervisor = new Supervisor({
      queue,
      count,
      drain: flags.drain ?? false,
      clock: this.clock,
      makeWorkerId,
      onEvents: flags["in-background"]
        ? () => {}
        : (events) => printEvents(this, events, flags["log-format"] ?? "text"),
      onReady: (ids) => {
        if (flags["in-background"]) printLine(this.stdout, ids.join(" "));
        else if (this.stderr.isTerminal) {
          this.warn("Ctrl-C stops: once to finish what runs, twice to put it back");
        }
      },
    });
    const signals = onStopSignals((again) => {
      this.warn(
        again ? "ending what runs" : "stopping: finishing what runs (Ctrl-C again to put it back)",
      );
      supervisor.stop(again);
    });
    try {
      if (await supervisor.run() === "forced") this.exitWith(EXIT_SIGINT);
    } finally {
      signals.close();
    }
  });
}

const RANDOM_DIGITS = 8;

/** A name that no worker has had before. */
function makeWorkerId(): string {
  const digits = crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS));
  return `worker-${[...digits].map((digit) => (digit % 36).toString(36)).join("")}`;
}

/** Workers go on when nobody reads their events any more. */
function printEvents(
  { stdout }: Context,
  events: readonly WorkerEvent[],
  format: "text" | "json",
): void {
  const isTerminal = format === "text" && stdout.isTerminal;
  const line = (event: WorkerEvent): string =>
    format === "json"
      ? JSON.stringify(event)
      : `${isTerminal ? localTime(event.time) : event.time} ${describe(event)}`;
  try {
    stdout.write(events.map((event) => `${line(event)}\n`).join(""));
  } catch (error) {
    if (!(error instanceof ClosedPipe)) throw error;
  }
}

let clockTime: Intl.DateTimeFormat | undefined;

/** Hours, minutes and seconds; the formatter is made late, as it costs 25 ms. */
function localTime(time: string): string {
  clockTime ??= new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
  return clockTime.format(new Date(time));
}
