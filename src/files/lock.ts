/**
 * The exclusive `flock` on `queue.lock` and its like.
 *
 * Promises: the lock is waited for with a deadline and never broken; a process or thread that
 * dies frees it at once; no child inherits it.
 */
import { QueueError } from "../model/errors.ts";
import { ifThere } from "./io.ts";

/** How long a command waits for a lock before it says `busy`, in milliseconds. */
export const LOCK_DEADLINE_MS = 10_000;

/**
 * Takes the exclusive lock of an open file.
 *
 * @param name the file's path, for the error
 * @param deadlineMs how long to wait
 * @throws {QueueError} `busy`, naming who holds it where the system tells
 */
export async function acquire(
  file: Deno.FsFile,
  name: string,
  deadlineMs = LOCK_DEADLINE_MS,
): Promise<void> {
  if (file.tryLockSync(true)) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = Symbol();
  const deadline = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), deadlineMs);
  });
  const waiting = file.lock(true);
  const first = await Promise.race([waiting, deadline]);
  clearTimeout(timer);
  if (first === late) {
    // The wait goes on in a thread that cannot be called back: give the lock up when it comes.
    waiting.then(() => file.unlockSync(), () => {});
    throw new QueueError(
      "busy",
      `${name} has been locked for ${deadlineMs / 1000} seconds${holder(file)}`,
      "a stopped process can hold it: let it go on, or end it, then try again",
    );
  }
}

/** Who holds the lock, as far as Linux tells; empty elsewhere. */
function holder(file: Deno.FsFile): string {
  const locks = ifThere(() => Deno.readTextFileSync("/proc/locks"));
  const inode = file.statSync().ino;
  const line = locks?.split("\n").find((line) =>
    line.includes("FLOCK") && !line.includes("->") && line.includes(`:${inode} `)
  );
  const pid = line?.trim().split(/\s+/)[4];
  return pid ? ` by process ${pid}` : "";
}
