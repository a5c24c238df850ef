/// <reference lib="deno.worker" />
/** The entry of a worker's thread: opens the queue itself, and works until it is told to stop. */
import { QueueError } from "../model/errors.ts";
import { variablesOf } from "../model/location.ts";
import { openQueue } from "../open_queue.ts";
import { EventBuffer } from "./event_buffer.ts";
import { formatEvents, type WorkerEvent } from "./events.ts";
import type { FromThread, ToThread } from "./messages.ts";
import { OnFinish } from "./on_finish.ts";
import { Work } from "./work.ts";

function send(message: FromThread): void {
  self.postMessage(message);
}

async function start(
  { location, worker, format }: Extract<ToThread, { kind: "start" }>,
): Promise<Work> {
  const warn = (error: string): void => {
    const event: WorkerEvent = { time: new Date().toISOString(), worker, event: "warned", error };
    send({ kind: "told", text: formatEvents([event], format) });
  };
  const onFinish = new OnFinish({ name: worker, location, onFailure: warn });
  const queue = await openQueue(location, {
    clock: Date.now,
    random: Math.random,
    purpose: "worker",
    warn,
    onFinished: onFinish.take,
  });
  const seat = await queue.join(worker);
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
  const leave = async (): Promise<void> => {
    buffer.flush();
    await seat.leave();
    await queue.close();
    send({ kind: "left" });
    self.close();
  };
  work.run().then(leave).catch((error) => {
    buffer.flush();
    giveUp(error);
  });
  return work;
}

/** Says why and ends the thread; its liveness lock is freed with it. */
function giveUp(error: unknown): void {
  const known = error instanceof QueueError;
  const message = error instanceof Error ? (known ? error.message : error.stack) : String(error);
  send({
    kind: "broken",
    error: message ?? "",
    code: known ? error.code : "internal",
    ...(known && error.hint ? { hint: error.hint } : {}),
  });
  self.close();
}

/** What comes before the start is done waits for it. */
let started: Promise<Work | void> = Promise.resolve();

self.onmessage = async ({ data }: MessageEvent<ToThread>): Promise<void> => {
  if (data.kind === "start") started = start(data).catch(giveUp);
  const work = await started;
  if (!work) return;
  switch (data.kind) {
    case "start":
      return;
    case "wake":
      return work.wake();
    case "stop":
      return work.stop(data.force);
    case "cancel":
      return work.cancel(data.run);
  }
};
