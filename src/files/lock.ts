/**
 * The exclusive `flock` on `queue.lock` and its like.
 *
 * Promises: the lock is waited for with a deadline and never broken; a process or thread that
 * dies frees it at once; no child inherits it.
 */
import { QueueError } from "../model/errors.ts";
import { startTimer } from "../timer.ts";

/** How long a command waits for a lock before it says `busy`, in milliseconds. */
const LOCK_DEADLINE_MS = 10_000;

/** Gives a lock back. */
export type Release = () => void;

/**
 * Takes an exclusive lock.
 *
 * @param file the lock file, open; nobody else may be waiting through it
 * @param path its path: whoever has to wait does so through a descriptor of its own, as a lock
 *   belongs to a descriptor, and a wait that was given up must not take it from anybody
 * @param deadlineMs how long to wait
 * @throws {QueueError} `busy`, naming who holds it where the system tells
 */
export async function acquire(
  file: Deno.FsFile,
  path: string,
  deadlineMs: number = LOCK_DEADLINE_MS,
): Promise<Release> {
  if (file.tryLockSync(true)) return () => file.unlockSync();
  const lock = `${file.statSync().ino} ${path}`;
  const wait = goOn(lock) ?? begin(lock, path);
  const taken = await new Promise<boolean>((resolve, reject) => {
    const deadline = startTimer(deadlineMs, () => {
      giveUp(lock, wait);
      resolve(false);
    });
    wait.over.then(() => resolve(true), reject).finally(() => deadline.stop());
  });
  if (taken) return wait.close;
  throw new QueueError(
    "busy",
    `${path} has been locked for ${deadlineMs / 1000} seconds${holder(file)}`,
    "a stopped process can hold it: let it go on, or end it, then try again",
  );
}

/** A wait for a lock, in a thread of the system's that cannot be called back. */
interface Wait {
  /** Until the lock has been taken. */
  readonly over: Promise<void>;
  /** Gives the lock back. */
  readonly close: () => void;
}

/**
 * Waits that were given up, by what tells a lock from others: who comes next goes on with one, or each
 * would leave one more thread for as long as somebody has the lock.
 */
const givenUp = new Map<string, Set<Wait>>();

function begin(lock: string, path: string): Wait {
  const waiter = Deno.openSync(path, { read: true });
  const close = (): void => waiter.close();
  const over = waiter.lock(true).then(() => {
    // Nobody wants it any more: it is given back at once.
    if (forget(lock, wait)) close();
  }, (error) => {
    forget(lock, wait);
    close();
    throw error;
  });
  // Who has given up does not hear of what goes wrong any more.
  over.catch(() => {});
  const wait = { over, close };
  return wait;
}

function giveUp(lock: string, wait: Wait): void {
  const waits = givenUp.get(lock) ?? new Set();
  givenUp.set(lock, waits.add(wait));
}

function goOn(lock: string): Wait | undefined {
  const [wait] = givenUp.get(lock) ?? [];
  if (wait) forget(lock, wait);
  return wait;
}

/** True if the wait was given up. */
function forget(lock: string, wait: Wait): boolean {
  const waits = givenUp.get(lock);
  const was = waits?.delete(wait) ?? false;
  if (waits?.size === 0) givenUp.delete(lock);
  return was;
}

/** Who holds the lock, as far as Linux tells; empty elsewhere, and where that may not be read. */
function holder(file: Deno.FsFile): string {
  const inode = file.statSync().ino;
  const line = locksHeld().split("\n").find((line) =>
    line.includes("FLOCK") && !line.includes("->") && line.includes(`:${inode} `)
  );
  const pid = line?.trim().split(/\s+/)[4];
  return pid ? ` by process ${pid}` : "";
}

function locksHeld(): string {
  try {
    return Deno.readTextFileSync("/proc/locks");
  } catch {
    return "";
  }
}
