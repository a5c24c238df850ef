/// <reference lib="deno.worker" />
/**
 * The entry of a worker's thread: opens the queue itself, joins it when it is told to start, works
 * until it is told to stop, and leaves when it is told to.
 */
import { messageOf, QueueError } from "../model/errors.ts";
import { variablesOf } from "../model/location.ts";
import { openWorkplace, type Workplace } from "../open_workplace.ts";
import { EventBuffer } from "./event_buffer.ts";
import { formatEvents, type WorkerEvent } from "./events.ts";
import type { FromThread, ToThread } from "./messages.ts";
import { OnFinish } from "./on_finish.ts";
import { Work } from "./work.ts";

function send(message: FromThread): void {
  self.postMessage(message);
}

type Opening = Extract<ToThread, { kind: "open" }>;

/** The queue, open, and what to do when a job has ended. */
interface Opened {
  readonly workplace: Workplace;
  readonly onFinish: OnFinish;
}

async function open({ location, worker, format }: Opening): Promise<Opened> {
  const warn = (error: string): void => {
    const event: WorkerEvent = { time: new Date().toISOString(), worker, event: "warned", error };
    send({ kind: "told", text: formatEvents([event], format) });
  };
  const onFinish = new OnFinish({ name: worker, location, onFailure: warn });
  const workplace = await openWorkplace(location, {
    clock: Date.now,
    random: Math.random,
    warn,
    onFinished: onFinish.take,
  });
  warmUp();
  return { workplace, onFinish };
}

/** The first use of `Deno.Command` loads 14 ms of Deno's own: better while the supervisor gets ready. */
function warmUp(): typeof Deno.Command {
  return Deno.Command;
}

/** A worker that has joined. */
interface Joined {
  readonly work: Work;
  readonly leave: () => Promise<void>;
}

async function start(
  { location, worker, format }: Opening,
  { workplace, onFinish }: Opened,
): Promise<Joined> {
  const seat = await workplace.join(worker);
  const buffer = new EventBuffer(
    format,
    (text) => seat.log(text),
    (text) => send({ kind: "told", text }),
  );
  const work = new Work({
    seat,
    clock: Date.now,
    env: variablesOf(location),
    onEvent: (event) => buffer.add(event),
    onLook: () => buffer.flush(),
    afterwards: {
      done: async () => {
        if (!onFinish.isBusy) return;
        buffer.flush();
        await onFinish.done();
      },
      interrupt: () => onFinish.interrupt(),
    },
    onRest: ({ nextDue, unfinished, paused }) => {
      buffer.flush();
      send({ kind: "resting", nextDue, unfinished, paused });
    },
  });
  send({ kind: "ready" });
  work.run().finally(() => buffer.flush()).then(() => send({ kind: "done" })).catch(giveUp);
  const leave = async (): Promise<void> => {
    await seat.leave();
    await workplace.close();
    send({ kind: "left" });
    self.close();
  };
  return { work, leave };
}

/** Says why and ends the thread; its liveness lock is freed with it. */
function giveUp(error: unknown): void {
  const known = error instanceof QueueError;
  const stack = error instanceof Error && !known ? error.stack : undefined;
  send({
    kind: "broken",
    error: stack ?? messageOf(error),
    code: known ? error.code : "internal",
    ...(known && error.hint ? { hint: error.hint } : {}),
  });
  self.close();
}

/** What went wrong with the opening is said when it is time to start. */
let begun: { readonly how: Opening; readonly opened: Promise<Opened> } | undefined;

/** What comes before the start is done waits for it. */
let started: Promise<Joined | void> = Promise.resolve();

self.onmessage = async ({ data }: MessageEvent<ToThread>): Promise<void> => {
  switch (data.kind) {
    case "open":
      begun = { how: data, opened: open(data) };
      return begun.opened.then(() => {}, () => {});
    case "start": {
      const { how, opened } = begun!;
      started = opened.then((it) => start(how, it)).catch(giveUp);
      return;
    }
    case "wake":
      return (await started)?.work.wake();
    case "stop":
      return (await started)?.work.stop(data.force);
    case "cancel":
      return (await started)?.work.cancel(data.run);
    case "leave":
      return await (await started)?.leave().catch(giveUp);
  }
};
