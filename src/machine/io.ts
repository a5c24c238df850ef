/** Files and directories: bytes read and written whole, with every short write and every error seen. */
import { messageOf, QueueError, reasonOf } from "../model/errors.ts";
import { beside } from "./paths.ts";

const encoder = new TextEncoder();

/**
 * What an operating system's error means for people; any other error is handed back as it is.
 *
 * @param doing what was being done, as in "cannot write jobs.json"
 */
export function fileError(error: unknown, doing: string): unknown {
  if (error instanceof QueueError || !isSystemError(error)) return error;
  const text = messageOf(error);
  const named = error instanceof Error && "code" in error ? error.code : undefined;
  // Deno names most errors of the system, but not this one (27 on Linux, macOS and BSD).
  const code = String(named ?? (text.includes("(os error 27)") ? "EFBIG" : ""));
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    EFBIG: "the file would exceed the size limit (ulimit -f)",
    EROFS: "the file system is read-only",
    EACCES: "permission denied",
    EPERM: "not permitted",
    EMFILE: "too many open files (ulimit -n)",
    ENFILE: "too many open files on this machine",
    ENOTDIR: "a part of the path is no directory",
    EISDIR: "it is a directory",
    ENOENT: "no such file or directory",
  };
  const reason = reasons[code] ?? reasonOf(error);
  return new QueueError("internal", `${doing}: ${reason}`);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && ("code" in error || /\(os error \d+\)/.test(error.message));
}

/** Writes all of it; throws at the first error, when a part may have been written. */
export function writeAll(file: Deno.FsFile, data: Uint8Array): void {
  for (let written = 0; written < data.length;) {
    const count = file.writeSync(written === 0 ? data : data.subarray(written));
    if (count === 0) throw new Deno.errors.WriteZero("nothing could be written");
    written += count;
  }
}

/**
 * Reads `length` bytes from `offset`; fewer if the file ends before.
 *
 * @param data where to put them, of that length; new memory if absent
 */
export function readRange(
  file: Deno.FsFile,
  offset: number,
  length: number,
  data: Uint8Array<ArrayBuffer> = new Uint8Array(length),
): Uint8Array<ArrayBuffer> {
  file.seekSync(offset, Deno.SeekMode.Start);
  let have = 0;
  while (have < length) {
    const count = file.readSync(data.subarray(have));
    if (count === null) break;
    have += count;
  }
  return have === length ? data : data.subarray(0, have);
}

/** Calls `open`, or returns undefined if there is no such file. */
export function ifThere<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** True if there is something under this path. */
export function isThere(path: string): boolean {
  return ifThere(() => Deno.lstatSync(path)) !== undefined;
}

/** Removes a file that may not be there. */
export function removeIfThere(path: string): void {
  ifThere(() => Deno.removeSync(path));
}

/** Makes names in a directory survive a power cut. Windows has no such call and needs none. */
export function syncDirectory(path: string): void {
  if (Deno.build.os === "windows") return;
  using directory = Deno.openSync(path, { read: true });
  directory.syncSync();
}

/** Who a queue's files belong to, if that is not who runs this. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who new files in a directory are given to: its owner, when root works on somebody else's; undefined
 * for whoever makes them, and where there is no directory yet.
 */
export function ownerFor(directory: string): Owner | undefined {
  if (Deno.build.os === "windows" || Deno.uid() !== 0) return undefined;
  const { uid, gid } = ifThere(() => Deno.statSync(directory)) ?? { uid: null, gid: null };
  return uid === null || gid === null || uid === 0 ? undefined : { uid, gid };
}

/**
 * Opens a file for reading and writing, made for its owner alone if it is not there. In somebody
 * else's directory root follows no link, and gives away nothing but what it makes itself.
 */
export function openPrivate(
  path: string,
  owner: Owner | undefined,
  options: Deno.OpenOptions = { create: true },
): Deno.FsFile {
  const how = { read: true, write: true, mode: 0o600, ...options };
  if (!owner) return Deno.openSync(path, how);
  const there = ifThere(() => Deno.lstatSync(path));
  if (there?.isSymlink) {
    throw new QueueError("internal", `${path} is a link, which root does not follow`);
  }
  if (there) return Deno.openSync(path, how);
  try {
    const file = Deno.openSync(path, { ...how, create: false, createNew: true });
    Deno.chownSync(path, owner.uid, owner.gid);
    return file;
  } catch (error) {
    // Somebody was faster: then it is opened as what is there.
    if (!(error instanceof Deno.errors.AlreadyExists) || options.createNew) throw error;
    return openPrivate(path, owner, options);
  }
}

/** Makes a directory for its owner alone, if it is not there, and those above it. */
export function makePrivateDirectory(path: string, owner: Owner | undefined): void {
  if (isThere(path)) return;
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // Those above one by one: each of them belongs to the same owner, and its name is synced.
    makePrivateDirectory(parentOf(path), owner);
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  if (owner) Deno.chownSync(path, owner.uid, owner.gid);
  try {
    syncDirectory(parentOf(path));
  } catch (error) {
    // With permissions for the queue's directory alone, its name is synced whenever the system does.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
}

/** Keeps a copy of a file before it is changed; nothing if there is no such file. */
export function keepCopy(path: string, copy: string, owner: Owner | undefined): void {
  const data = ifThere(() => Deno.readFileSync(path));
  if (data) writePrivate(copy, data, owner);
}

/** Writes a new file for its owner alone. */
export function writePrivate(path: string, data: Uint8Array, owner: Owner | undefined): void {
  using file = openPrivate(path, owner, { create: true, truncate: true });
  writeAll(file, data);
}

/** A file that was written and synced, and is not in its place yet. */
export interface Temporary {
  readonly path: string;
  readonly file: Deno.FsFile;
}

/**
 * Writes a new file under a name of its own, in pieces, and syncs it.
 *
 * @param onWritten told of the bytes
 * @throws {Deno.errors.AlreadyExists} if there is one of this name
 */
export function writeTemporary(
  path: string,
  pieces: Iterable<string>,
  owner: Owner | undefined,
  onWritten?: (bytes: Uint8Array) => void,
): Temporary {
  const file = openPrivate(path, owner, { createNew: true });
  try {
    for (const piece of pieces) {
      const bytes = encoder.encode(piece);
      writeAll(file, bytes);
      onWritten?.(bytes);
    }
    file.syncSync();
    return { path, file };
  } catch (error) {
    file.close();
    removeIfThere(path);
    throw error;
  }
}

/**
 * Replaces a file whole: write beside, sync, rename, sync the directory. A link stays one, but in
 * somebody else's directory: what it leads to is replaced.
 */
export function replaceFile(name: string, text: string, owner: Owner | undefined): void {
  const isLink = !owner && ifThere(() => Deno.lstatSync(name))?.isSymlink;
  const path = isLink ? ifThere(() => Deno.realPathSync(name)) ?? name : name;
  const temporary = writeTemporary(beside(path), [text], owner);
  temporary.file.close();
  Deno.renameSync(temporary.path, path);
  syncDirectory(parentOf(path));
}

/** The directory that a path is in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
