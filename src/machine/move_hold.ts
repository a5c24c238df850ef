/**
 * That a queue's jobs are being moved, noted on the machine of who moves them.
 *
 * Promise: of one queue and machine only one moves at a time; whoever is killed frees it at once, and
 * the next one is told whether the queue was paused for it.
 */
import { QueueError } from "../model/errors.ts";
import { MOVE_NOTES, type MoveHold, type MoveNote } from "../model/move_hold.ts";
import { makePrivateDirectory, openPrivate, type Owner, writeAll } from "./io.ts";
import { readText, readTextIfThere } from "./text_file.ts";
import type { MachinePaths } from "./paths.ts";

/** What stands in the lock file from the beginning of a move to its end, also of one that was cut off. */
const NOTES: Readonly<Record<MoveNote, string>> = {
  paused: "paused for a move\n",
  moving: "being moved, paused before\n",
};

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
  const file = openPrivate(lockPath(paths), owner);
  if (!file.tryLockSync(true)) {
    file.close();
    throw movedByAnother(name);
  }
  return {
    noted: () => Promise.resolve(noteIn(readText(file, lockPath(paths)))),
    note: (note) => {
      file.truncateSync(0);
      file.seekSync(0, Deno.SeekMode.Start);
      if (note) writeAll(file, new TextEncoder().encode(NOTES[note]));
      return Promise.resolve();
    },
    check: () => Promise.resolve(),
    release: () => Promise.resolve(file.close()),
  };
}

/** True from the beginning of a move to its end, also of one that was cut off. */
export function isBeingMoved(paths: MachinePaths): boolean {
  return noteIn(readTextIfThere(lockPath(paths)) ?? "") !== undefined;
}

function lockPath({ directory }: MachinePaths): string {
  return `${directory}/migrate.lock`;
}

function noteIn(text: string): MoveNote | undefined {
  return MOVE_NOTES.find((note) => NOTES[note] === text);
}
