/**
 * `queue.lock`, and the directory that it stands in.
 *
 * Promises:
 * 8. The lock is held by one process at a time, and within it by one caller at a time. It is taken on
 *    the lock file that is in place now, not on one that was removed.
 */
import { corrupt, type QueueError } from "../model/errors.ts";
import {
  fileError,
  ifThere,
  isThere,
  makePrivateDirectory,
  openPrivate,
  type Owner,
  ownerFor,
} from "../machine/io.ts";
import { acquire, type Release } from "./lock.ts";
import type { Paths } from "./paths.ts";

export class QueueLock {
  #file: Deno.FsFile | undefined;
  /** While the file is open its inode is not used again, so another inode is another file. */
  #inode: number | null = null;
  #turn: Promise<void> = Promise.resolve();

  /** @param deadlineMs how long to wait; ten seconds if absent */
  constructor(readonly paths: Paths, readonly deadlineMs?: number) {}

  /** Who new files are given to, if that is not who runs this. */
  get owner(): Owner | undefined {
    return ownerFor(this.paths.directory);
  }

  /** One at a time within this process: the lock tells processes apart, not callers. */
  async takeTurn(): Promise<Release> {
    const before = this.#turn;
    let end: Release = () => {};
    this.#turn = new Promise((resolve) => end = resolve);
    await before;
    return end;
  }

  /** Takes the lock, and makes directory and lock file where there are none. In one's turn. */
  async acquire(): Promise<Release> {
    const path = this.paths.queueLock;
    for (;;) {
      const file = this.#file ??= this.#open();
      const release = await acquire(file, path, this.deadlineMs);
      const named = ifThere(() => Deno.statSync(path));
      if (named?.ino === this.#inode) return release;
      release();
      this.close();
      const { directory } = this.paths;
      if (!isThere(directory)) throw removedWhileInUse(directory);
    }
  }

  /** Calls `look` under the lock; without it where there is no lock file, and so nobody who writes. */
  async whileHeld<T>(look: () => T): Promise<T> {
    const path = this.paths.queueLock;
    const file = ifThere(() => openForLocking(path));
    if (!file) return look();
    try {
      const release = await acquire(file, path, this.deadlineMs);
      try {
        return look();
      } finally {
        release();
      }
    } finally {
      file.close();
    }
  }

  #open(): Deno.FsFile {
    const { directory, queueLock } = this.paths;
    const { owner } = this;
    try {
      makePrivateDirectory(directory, owner);
      const file = openPrivate(queueLock, owner);
      this.#inode = file.statSync().ino;
      return file;
    } catch (error) {
      throw fileError(error, `cannot write into ${directory}`);
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** What to throw when the queue's directory is gone: a new one in its place would hide that. */
export function removedWhileInUse(directory: string): QueueError {
  return corrupt(directory, undefined, "it was removed while the queue was in use");
}

/** Where the lock file cannot be written, as by a reader who is not the owner, reading it is enough. */
function openForLocking(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    return Deno.openSync(path, { read: true });
  }
}
