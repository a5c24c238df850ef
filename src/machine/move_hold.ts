/**
 * That a queue's jobs are being moved, noted on the machine of who moves them.
 *
 * Promise: of one queue and machine only one moves at a time; whoever is killed frees it at once, and
 * the next one is told whether the queue was paused for it.
 */
import { QueueError } from "../model/errors.ts";
import type { MoveHold } from "../model/queue.ts";
import { makePrivateDirectory, openPrivate, type Owner, readText, writeAll } from "./io.ts";
import type { MachinePaths } from "./paths.ts";

const PAUSED = "paused for a move\n";

/** @param name of the queue, for people */
export function movedByAnother(name: string): QueueError {
  return new QueueError("conflict", `another \`migrate\` moves the jobs of ${name}`, "wait for it");
}

/**
 * Takes it.
 *
 * @param name of the queue, for people
 * @throws {QueueError} `conflict` if another one has it
 */
export function holdForMove(
  paths: MachinePaths,
  owner: Owner | undefined,
  name: string,
): MoveHold {
  makePrivateDirectory(paths.directory, owner);
  const file = openPrivate(`${paths.directory}/migrate.lock`, owner);
  if (!file.tryLockSync(true)) {
    file.close();
    throw movedByAnother(name);
  }
  return {
    hasPaused: () => Promise.resolve(readText(file) === PAUSED),
    notePaused: (paused) => {
      file.truncateSync(0);
      file.seekSync(0, Deno.SeekMode.Start);
      if (paused) writeAll(file, new TextEncoder().encode(PAUSED));
      return Promise.resolve();
    },
    check: () => Promise.resolve(),
    release: () => Promise.resolve(file.close()),
  };
}
