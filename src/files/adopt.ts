/**
 * Makes files and journal fit again when they do not: before the first write of a queue, after an
 * edit by hand, a copy, a checkpoint that was cut off, or a torn write.
 */
import { CHAIN_START } from "./checksum.ts";
import {
  isThere,
  keepCopy,
  type Owner,
  ownerFor,
  parentOf,
  replaceFile,
  writePrivate,
} from "../machine/io.ts";
import { Journal, type Tail } from "./journal.ts";
import type { Fit } from "./load.ts";
import { asidePath, type Paths } from "./paths.ts";
import type { Records } from "../rules/records.ts";
import { commit, type FaultPoint, momentOf, prepare } from "./replace_snapshots.ts";

/** What adopting needs of a store. */
interface Adopter {
  readonly paths: Paths;
  readonly records: Records;
  readonly owner: Owner | undefined;
  /** ISO 8601 in UTC. */
  readonly now: string;
  readonly fault: FaultPoint;
  readonly environment: Aside;
}

/** What setting something aside needs. */
interface Aside {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly warn: (sentence: string) => void;
}

/** Writes everything anew, as it is in memory. Under the lock. @returns the new journal, read */
export function adopt(
  store: Adopter,
  old: Journal | undefined,
  fit: Exclude<Fit, { kind: "as written" }>,
): Journal {
  const { paths, records, owner } = store;
  const lastSeq = records.values().reduce((last, job) => Math.max(last, job.seq), 0);
  if (fit.kind === "edited" && old) adoptEdit(store, old, fit);
  if (!isThere(paths.config)) replaceFile(paths.config, "{}\n", owner);
  // Beyond the next number: so whoever has read less than this opens everything anew.
  const base = Math.max((old?.next ?? 0) + 1, lastSeq + 1);
  const moment = momentOf(records, base, old?.chain ?? CHAIN_START);
  const before = { generation: old?.header.generation ?? 0 };
  commit(paths, prepare(paths, moment, before, owner), new Uint8Array(), store.fault);
  old?.close();
  return Journal.open(paths.journal);
}

function adoptEdit(
  { paths, environment, now, owner }: Adopter,
  journal: Journal,
  { emptied, disputed }: Extract<Fit, { kind: "edited" }>,
): void {
  if (emptied) {
    const aside = asidePath(paths.journal, environment.clock());
    keepCopy(paths.journal, aside, owner);
    environment.warn(
      `jobs.json and dlq.json were emptied: the queue starts afresh, the journal is kept as ${aside}`,
    );
  } else if (disputed.length > 0) {
    journal.append(disputed.map((job) => ({ put: job })), now);
    environment.warn(
      `jobs.json or dlq.json was edited while the journal had changes to ${disputed.length} of its jobs: the edit counts`,
    );
  }
}

/**
 * What stands behind the last good line never happened: it is cut off, and more than an unfinished
 * line is kept in a copy. Under the lock.
 */
export function dropTail(journal: Journal, tail: Tail, { clock, warn }: Aside): void {
  if (tail === "none") return;
  if (tail === "torn") {
    const copy = asidePath(journal.path, clock());
    writePrivate(copy, journal.tailBytes(), ownerFor(parentOf(journal.path)));
    warn(`${journal.path} ended in a torn write; it was cut off, a copy is ${copy}`);
  }
  journal.cut();
}
