/**
 * The queue in memory: read from the files, and kept up with what others append to the journal.
 *
 * Promises:
 * 6. What cannot be understood stops the command; what a torn write left is kept in a copy.
 */
import { corrupt } from "../model/errors.ts";
import { dropTail } from "./adopt.ts";
import { ifThere, isThere } from "../machine/io.ts";
import { Journal } from "./journal.ts";
import type { Line } from "./journal_line.ts";
import { type Fit, hold, isLong, type Keeping, load, type OpenFiles } from "./load.ts";
import type { Paths } from "./paths.ts";
import { marksOf } from "./marks.ts";
import { Records } from "../rules/records.ts";

/** What a replica is given from outside. */
interface ReplicaOptions extends Keeping {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Says something to people that is no error. */
  readonly warn: (sentence: string) => void;
  /** What a job gets that a hand has written without `max_retries`. */
  readonly maxRetries: () => number;
}

/** More unread journal than this is read without the lock: under it that would hold the others up. */
const UNREAD_LIMIT = 256 * 1024;

export class Replica {
  readonly #paths: Paths;
  readonly #options: ReplicaOptions;
  readonly #onReload: (() => void)[] = [];
  /** What the files of a queue without a journal were when they were read. */
  #marks = "";
  #hasWarned = false;
  records = new Records();
  /** How the snapshots fit the journal; `adopt` makes them fit. */
  fit: Fit = { kind: "missing", lost: false };
  /** Undefined where there is none yet; for whoever has the lock there always is one. */
  journal: Journal | undefined;

  constructor(paths: Paths, options: ReplicaOptions) {
    this.#paths = paths;
    this.#options = options;
  }

  /** Told when the records have been read anew, as another object. */
  onReload(listener: () => void): void {
    this.#onReload.push(listener);
  }

  /** Reads the files that are held open, in the place of what was read before. */
  take(held: OpenFiles): void {
    const { clock, warn, maxRetries, ...keeping } = this.#options;
    const defaults = { now: new Date(clock()).toISOString(), maxRetries: maxRetries() };
    // Looked at before they are read: what comes later is found by the next look.
    if (!held.journal) this.#marks = marksOf(this.#files);
    const { records, fit } = load(held, this.#paths, { ...defaults, ...keeping });
    this.journal?.close();
    this.records = records;
    this.fit = fit;
    this.journal = held.journal;
    if (fit.kind === "edited") {
      warn("jobs.json or dlq.json is not as queuectl wrote it: taken as edited by hand");
    }
    if (fit.kind === "missing" && fit.lost && !this.#hasWarned) {
      this.#hasWarned = true;
      const what = "a pause, schedules, and what came after jobs.json was written are not known";
      warn(`${this.#paths.journal} is missing: ${what}`);
    }
    for (const listener of this.#onReload) listener();
  }

  /**
   * Reads to the end of the journal, and of the one that has taken its place, without the lock.
   *
   * @returns false if everything must be read anew
   */
  refresh(): boolean {
    if (!this.journal) return marksOf(this.#files) === this.#marks;
    const { size, replaced } = this.journal.look();
    this.journal.readOn(this.#applyLine, size);
    return !replaced || this.#follow(this.journal);
  }

  /**
   * The same under the lock: then what stands behind the last good line will never be one.
   *
   * @param however read it, however much it is
   * @returns false if it is so much that nothing was read
   */
  catchUp(however: boolean): boolean {
    const { journal } = this;
    if (!journal) {
      // Somebody may have put a queue there meanwhile, by hand too, or have died in the midst of a line.
      if (this.#files.some(isThere)) this.take(hold(this.#paths));
      this.#dropTail();
      return true;
    }
    const { size, replaced } = journal.look();
    if (!however && size - journal.offset > UNREAD_LIMIT) return false;
    const tail = journal.readOn(this.#applyLine, size);
    if (!replaced) {
      dropTail(journal, tail, this.#options);
      return true;
    }
    if (!this.#follow(journal)) this.take(hold(this.#paths));
    this.#dropTail();
    return true;
  }

  /** Reads to the end of the journal, and cuts off what never became a line. Under the lock. */
  #dropTail(): void {
    const { journal } = this;
    if (journal) dropTail(journal, journal.readOn(this.#applyLine), this.#options);
  }

  get #files(): readonly string[] {
    const { journal, jobs, dlq } = this.#paths;
    return [journal, jobs, dlq];
  }

  readonly #applyLine = ({ events }: Line): void => {
    for (const event of events) this.records.apply(event);
  };

  /**
   * Goes on in the journal that took this one's place; false if that one begins too late, does
   * not continue what was read here (a repair), or if the queue is long now and less is to be kept.
   */
  #follow(old: Journal): boolean {
    const next = ifThere(() => Journal.open(this.#paths.journal));
    if (!next) {
      throw corrupt(
        this.#paths.journal,
        undefined,
        "the file was removed while the queue was in use",
      );
    }
    const known = old.next;
    let continues = next.next === known && next.chain === old.chain;
    const { keep } = this.records;
    const keepsTooMuch = keep !== this.#options.keep && isLong(next.header, this.#options);
    if (next.header.base <= known) {
      try {
        next.readOn((line) => {
          if (line.n === known) continues = next.chain === old.chain;
          if (line.n >= known && continues) this.#applyLine(line);
        });
      } catch (error) {
        next.close();
        throw error;
      }
      if (next.next === known) continues = next.chain === old.chain;
    }
    if (!continues || keepsTooMuch) {
      next.close();
      return false;
    }
    old.close();
    this.journal = next;
    return true;
  }
}
