/**
 * A disk that keeps after a power cut only what was synced for sure, and of everything else perhaps
 * a part: the bytes of a file, and the names in a directory, each in its turn.
 */
import { parentOf } from "../../src/machine/io.ts";

/** A change of the names in a directory; the file is told by its inode. */
type Naming =
  | { readonly put: string; readonly file: number }
  | { readonly drop: string };

/** What a disk held, and what of it was safe, at one moment. */
export interface Moment {
  /** What was done just before, for people. */
  readonly after: string;
  readonly safeNames: ReadonlyMap<string, number>;
  /** Since then; each may have come to the disk, or not, whatever the others did. */
  readonly namings: readonly (readonly Naming[])[];
  readonly safeBytes: ReadonlyMap<number, Uint8Array>;
  readonly bytes: ReadonlyMap<number, Uint8Array>;
}

/** More namings than this since the last sync are not tried in each combination. */
const MOST_NAMINGS = 6;

/** Everything that a power cut may leave of a moment: the files by their names, and what is in them. */
export function* leftovers(moment: Moment): Generator<Readonly<Record<string, string>>> {
  const decoder = new TextDecoder();
  const namings = moment.namings.slice(-MOST_NAMINGS);
  const always = moment.namings.slice(0, -MOST_NAMINGS);
  for (const bytes of [moment.safeBytes, moment.bytes]) {
    for (let chosen = 0; chosen < 2 ** namings.length; chosen++) {
      const names = new Map(moment.safeNames);
      const done = [...always, ...namings.filter((_, index) => chosen & 2 ** index)].flat();
      for (const naming of done) {
        if ("put" in naming) names.set(naming.put, naming.file);
        else names.delete(naming.drop);
      }
      yield Object.fromEntries(
        [...names].map(([name, file]) => [name, decoder.decode(bytes.get(file))]),
      );
    }
  }
}

/**
 * Watches what is done to the files of a directory, those in folders of it not, while `work` goes on.
 *
 * @param onMoment told after each write, sync and change of a name
 */
export async function watchDisk(
  directory: string,
  work: () => Promise<void>,
  onMoment: (moment: Moment) => void,
): Promise<void> {
  const { openSync, renameSync, removeSync } = Deno;
  const file = Deno.FsFile.prototype;
  const { writeSync, syncSync, syncDataSync } = file;
  /** Held open to the end, so that no inode is used twice. */
  const files = new Map<number, Deno.FsFile>();
  const names = new Map<string, number>();
  const safeBytes = new Map<number, Uint8Array>();
  const opened = new WeakMap<Deno.FsFile, number | "directory">();
  let safeNames: ReadonlyMap<string, number> = new Map();
  let namings: (readonly Naming[])[] = [];

  const nameOf = (path: string | URL): string | undefined => {
    const text = String(path);
    return parentOf(text) === directory ? text.slice(directory.length + 1) : undefined;
  };
  const read = (inode: number): Uint8Array => {
    const each = files.get(inode)!;
    const bytes = new Uint8Array(each.statSync().size);
    each.seekSync(0, Deno.SeekMode.Start);
    each.readSync(bytes);
    return bytes;
  };
  const tell = (after: string): void =>
    onMoment({
      after,
      safeNames,
      namings: [...namings],
      safeBytes: new Map(safeBytes),
      bytes: new Map([...files.keys()].map((inode) => [inode, read(inode)])),
    });
  const sync = (each: Deno.FsFile): void => {
    const inode = opened.get(each);
    if (inode === undefined) return;
    if (inode === "directory") {
      safeNames = new Map(names);
      namings = [];
    } else {
      safeBytes.set(inode, read(inode));
    }
    tell("a sync");
  };

  Deno.openSync = (path, options): Deno.FsFile => {
    const each = openSync(path, options);
    if (String(path) === directory) opened.set(each, "directory");
    const name = nameOf(path);
    if (name === undefined || each.statSync().isDirectory) return each;
    const { ino } = each.statSync();
    opened.set(each, ino!);
    if (!files.has(ino!)) {
      files.set(ino!, openSync(path, { read: true }));
      names.set(name, ino!);
      namings.push([{ put: name, file: ino! }]);
      tell(`a new ${name}`);
    }
    return each;
  };
  Deno.renameSync = (from, to): void => {
    renameSync(from, to);
    const [before, after] = [nameOf(from), nameOf(to)];
    const inode = before === undefined ? undefined : names.get(before);
    if (before === undefined || after === undefined || inode === undefined) return;
    names.delete(before);
    names.set(after, inode);
    namings.push([{ drop: before }, { put: after, file: inode }]);
    tell(`a new name, ${after}`);
  };
  Deno.removeSync = (path, options): void => {
    removeSync(path, options);
    const name = nameOf(path);
    if (name === undefined || !names.delete(name)) return;
    namings.push([{ drop: name }]);
    tell(`the end of ${name}`);
  };
  file.writeSync = function (data): number {
    const count = writeSync.call(this, data);
    if (opened.has(this)) tell("a write");
    return count;
  };
  file.syncSync = function (): void {
    syncSync.call(this);
    sync(this);
  };
  file.syncDataSync = function (): void {
    syncDataSync.call(this);
    sync(this);
  };
  try {
    await work();
  } finally {
    Object.assign(Deno, { openSync, renameSync, removeSync });
    Object.assign(file, { writeSync, syncSync, syncDataSync });
    for (const each of files.values()) each.close();
  }
}
