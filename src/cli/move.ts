/**
 * Moves everything that is in a queue to another.
 *
 * Promises:
 * - A job is gone from the old queue only when the new one has it: whoever is interrupted has lost
 *   nothing, and goes on by saying the same again.
 * - Nothing starts meanwhile, on either side, so no job runs on both.
 * - Of two moves at a time the second is refused: what the first has moved, it would take for deleted.
 */
import type { ConfigKey } from "../model/config.ts";
import { QueueError } from "../model/errors.ts";
import { type Job, runsOf } from "../model/job.ts";
import type { Queue } from "../model/queue.ts";
import { lookUntil } from "./changes.ts";
import type { Context } from "./context.ts";
import { EXIT_SIGINT, EXIT_SIGTERM } from "./errors.ts";
import { HeldSides } from "./held_sides.ts";
import { Progress } from "./progress.ts";
import { onStopSignals } from "./signals.ts";

/** How many jobs are moved at a time. */
const BATCH = 500;

/**
 * Waits until nothing runs, and moves it.
 *
 * @returns false if it was stopped by a signal, which it has said
 * @throws {QueueError} `conflict` if another move is under way
 */
export async function move(context: Context, source: Queue, target: Queue): Promise<boolean> {
  const sides = await HeldSides.hold(source, target);
  let stop: Deno.Signal | undefined;
  const signals = onStopSignals((_again, signal) => stop ??= signal);
  const stopped = (): Deno.Signal | undefined => stop;
  try {
    if (!await begin(context, source, sides, stopped)) return false;
    if (!await moveEverything(context, source, target, sides, stopped)) return false;
  } finally {
    signals.close();
    await sides.release();
  }
  for (const { name, status } of [source, target]) {
    if ((await status()).paused) context.warn(`${name} is paused: \`queuectl resume\` starts it`);
  }
  return true;
}

/** Has nothing more start, and waits until nothing runs; until then everything can be as it was. */
async function begin(
  context: Context,
  source: Queue,
  sides: HeldSides,
  stopped: () => Deno.Signal | undefined,
): Promise<boolean> {
  try {
    await sides.pause();
    await untilNothingRuns(context, source, stopped);
  } catch (error) {
    await sides.resume(context.warn);
    throw error;
  }
  const stop = stopped();
  if (!stop) return true;
  await sides.resume(context.warn);
  return endedBy(stop, context, "stopped: nothing was moved");
}

/** Who stood still for long may have lost its hold: then another moves, and this goes no further. */
async function moveEverything(
  context: Context,
  source: Queue,
  target: Queue,
  sides: HeldSides,
  stopped: () => Deno.Signal | undefined,
): Promise<boolean> {
  const paused = `${source.name} and ${target.name} stay paused until the same command has ended`;
  try {
    await moveSettings(source, target);
    const progress = new Progress(context.stderr, "jobs");
    const stop = await moveAll(source, target, progress, sides, stopped);
    if (stop) return endedBy(stop, context, `stopped: not all of it was moved; ${paused}`);
    await sides.check();
    await sides.resume(context.warn);
    return true;
  } catch (error) {
    context.warn(paused);
    throw error;
  }
}

function endedBy(signal: Deno.Signal, { warn, exitWith }: Context, sentence: string): false {
  warn(sentence);
  exitWith(signal === "SIGTERM" ? EXIT_SIGTERM : EXIT_SIGINT);
  return false;
}

/** Moves what is there, and then what was enqueued meanwhile. @returns what has stopped it, if anything */
async function moveAll(
  source: Queue,
  target: Queue,
  progress: Progress,
  sides: HeldSides,
  stopped: () => Deno.Signal | undefined,
): Promise<Deno.Signal | undefined> {
  for (;;) {
    const { jobs } = await source.list({});
    if (jobs.length === 0) {
      progress.end();
      return undefined;
    }
    // The oldest first: they come out in the order that they went in.
    const inOrder = jobs.toSorted((a, b) => a.seq - b.seq);
    for (let done = 0; done < inOrder.length; done += BATCH) {
      const stop = stopped();
      if (stop) {
        progress.end();
        return stop;
      }
      await moveJobs(source, target, sides, inOrder.slice(done, done + BATCH));
      progress.show(done, inOrder.length);
    }
  }
}

async function untilNothingRuns(
  context: Context,
  source: Queue,
  stopped: () => Deno.Signal | undefined,
): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    if (stopped()) return true;
    const { counts, workers } = await source.status();
    if (counts.processing === 0 && workers.every(({ job }) => job === null)) return true;
    if (workers.some(({ alive }) => alive)) return undefined;
    throw new QueueError(
      "conflict",
      "jobs were running when their workers died",
      "`queuectl worker start --drain` gives them back to the queue; then move it",
    );
  };
  if (await lookUntil(source, look, 0)) return;
  context.warn("waiting for what runs to end; nothing new is started");
  await lookUntil(source, look, undefined);
}

async function moveSettings(source: Queue, target: Queue): Promise<void> {
  const { store: _here, ...stored } = (await source.config()).stored;
  for (const [key, value] of Object.entries(stored)) {
    await target.setConfig(key as ConfigKey, value);
  }
  const schedules = await source.schedules();
  for (const { paused, next_run, ...schedule } of schedules) {
    await target.addSchedule(schedule, { replace: true, next_run });
    if (paused) await target.pauseSchedules([schedule.name], true);
  }
  await source.removeSchedules(schedules.map(({ name }) => name));
}

async function moveJobs(
  source: Queue,
  target: Queue,
  sides: HeldSides,
  jobs: readonly Job[],
): Promise<void> {
  await target.takeOver(jobs, { dryRun: false });
  for (const job of jobs) {
    for (const { run } of runsOf(job)) {
      const found = await source.findLog(job.id, { run });
      if (found) await target.takeOverLog(job.id, run, found.log);
    }
  }
  await sides.check();
  const gone = new Set(await source.handOver(jobs));
  // Whoever has deleted them, or has moved them elsewhere, meanwhile has the last word.
  if (gone.size > 0) await target.handOver(jobs.filter(({ id }) => gone.has(id)));
}
