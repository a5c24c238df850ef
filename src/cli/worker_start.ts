import { type EventFormat, formatEvents } from "../worker/events.ts";
import type { Ending, Supervisor } from "../worker/supervisor.ts";
import { WorkerThread } from "../worker/worker_thread.ts";
import type { Context } from "./context.ts";
import { EXIT_SIGINT } from "./errors.ts";
import { printLine, visible } from "./output.ts";
import { onStopSignals } from "./signals.ts";
import { Teller } from "./teller.ts";
import { withQueue } from "./with_queue.ts";

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
    const { startInBackground } = await import("./detach.ts");
    const ids = await startInBackground(this.location, count, flags.drain ?? false);
    for (const id of ids) printLine(this.stdout, id);
    return;
  }
  const format = formatFor(this, flags);
  const made: string[] = [];
  const events = new Teller(this.stdout, (lines) => describeDropped(this.clock(), lines, format));
  const notes = new Teller(this.stderr, () => "");
  const note = (sentence: string): void => notes.tell(`queuectl: ${visible(sentence)}\n`);
  // Who drains a queue into a pager reads on when all is done; whoever stops workers does not wait.
  let isHurried = true;
  let isSignalled = false;
  let isTold = false;
  const tellWhoWaits = (): void => {
    if (!isTold) events.tell(`${made.join(" ")}\n`);
    isTold = true;
  };
  const makeThread = (): WorkerThread => {
    const id = makeWorkerId();
    made.push(id);
    return new WorkerThread({ id, location: this.location, format });
  };
  // It takes 50 ms to come up: what the supervisor needs is loaded, and the queue opened, meanwhile.
  const first = makeThread();
  try {
    const { Supervisor } = await import("../worker/supervisor.ts");
    await withQueue(this.location, this, note, async (queue, afterwards) => {
      const supervisor = new Supervisor({
        queue,
        first,
        count,
        makeThread,
        afterwards,
        drain: flags.drain ?? false,
        clock: this.clock,
        format,
        onTold: (text) => events.tell(this.stdout.isTerminal ? visibleLines(text) : text),
        onReady: () => {
          if (flags["in-background"]) tellWhoWaits();
          else if (this.stderr.isTerminal) {
            note("Ctrl-C stops: once to finish what runs, twice to put it back");
          }
        },
      });
      const ending = await runUntilStopped(supervisor, (again) => {
        isSignalled = true;
        note(
          again
            ? "ending what runs"
            : "stopping: finishing what runs (Ctrl-C again to put it back)",
        );
      });
      if (ending === "forced") this.exitWith(EXIT_SIGINT);
      isHurried = isSignalled || !flags.drain;
      // A drain may be over before all of them are ready.
      if (flags["in-background"]) tellWhoWaits();
    }, "supervisor");
  } finally {
    first.terminate();
    await Promise.all([events.finish(isHurried), notes.finish(isHurried)]);
  }
}

/** @param onStop told of each signal to stop, before it is heeded */
async function runUntilStopped(
  supervisor: Supervisor,
  onStop: (again: boolean) => void,
): Promise<Ending> {
  const signals = onStopSignals((again) => {
    onStop(again);
    supervisor.stopOnSignal(again);
  });
  try {
    return await supervisor.run();
  } finally {
    signals.close();
  }
}

const RANDOM_DIGITS = 8;

/** A name that no worker has had before. */
function makeWorkerId(): string {
  const digits = crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS));
  return `worker-${[...digits].map((digit) => (digit % 36).toString(36)).join("")}`;
}

function formatFor({ stdout }: Context, flags: WorkerStartFlags): EventFormat {
  if (flags["in-background"]) return "none";
  if (flags["log-format"] === "json") return "json";
  return stdout.isTerminal ? "clock" : "text";
}

/** What a command has printed last does nothing to a terminal. */
function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

function describeDropped(now: number, lines: number, format: EventFormat): string {
  const error = `${lines} events were not read in time; they are in the workers' logs`;
  const time = new Date(now).toISOString();
  return formatEvents([{ time, worker: "supervisor", event: "warned", error }], format);
}
