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
  const waiter = Deno.openSync(path, { read: true });
  const close = (): void => waiter.close();
  const waiting = waiter.lock(true).then(() => true, (error) => {
    close();
    throw error;
  });
  const taken = await new Promise<boolean>((resolve, reject) => {
    const deadline = startTimer(deadlineMs, () => resolve(false));
    waiting.then(resolve, reject).finally(() => deadline.stop());
  });
  if (taken) return close;
  // The wait goes on in a thread that cannot be called back: give the lock up when it comes.
  waiting.then(close, () => {});
  throw new QueueError(
    "busy",
    `${path} has been locked for ${deadlineMs / 1000} seconds${holder(file)}`,
    "a stopped process can hold it: let it go on, or end it, then try again",
  );
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
