/**
 * Which job is next: due, its dependencies met; then priority, then first in, first out.
 *
 * Kept beside the records by observing them, so that a claim costs the same however long the queue
 * is. An entry that was overtaken by a change stays in its heap until it comes up, and is dropped then.
 */
import TinyQueue from "tinyqueue";
import { isWaiting, type Job } from "../model/job.ts";
import type { Records } from "./records.ts";

interface Entry {
  readonly id: string;
  readonly seq: number;
  readonly priority: number;
  /** Milliseconds since 1970; 0 for at once. */
  readonly due: number;
}

export class WaitingLine {
  readonly #records: Records;
  /** The entry that counts for each job that waits for its turn or its time. */
  readonly #current = new Map<string, Entry>();
  readonly #ready: TinyQueue<Entry>;
  readonly #timed: TinyQueue<Entry>;

  constructor(records: Records) {
    this.#records = records;
    const ready: Entry[] = [];
    const timed: Entry[] = [];
    for (const job of records.values()) {
      const entry = this.#enter(job);
      if (entry) (entry.due === 0 ? ready : timed).push(entry);
    }
    this.#ready = new TinyQueue(ready, (a, b) => b.priority - a.priority || a.seq - b.seq);
    this.#timed = new TinyQueue(timed, (a, b) => a.due - b.due);
    records.observe((before, after) => this.#change((after ?? before)!.id, after));
  }

  /**
   * The next job to run, if one is due.
   *
   * @param now milliseconds since 1970
   */
  first(now: number): Job | undefined {
    while ((this.#timed.peek()?.due ?? Infinity) <= now) this.#ready.push(this.#timed.pop()!);
    for (let entry = this.#ready.peek(); entry; entry = this.#ready.peek()) {
      if (this.#isCurrent(entry)) return this.#records.get(entry.id);
      this.#ready.pop();
    }
    return undefined;
  }

  /** When the next job falls due, milliseconds since 1970; undefined if none waits for its time. */
  nextDue(): number | undefined {
    for (let entry = this.#timed.peek(); entry; entry = this.#timed.peek()) {
      if (this.#isCurrent(entry)) return entry.due;
      this.#timed.pop();
    }
    return undefined;
  }

  #isCurrent(entry: Entry): boolean {
    return this.#current.get(entry.id) === entry;
  }

  #change(id: string, after: Job | undefined): void {
    this.#current.delete(id);
    this.#line(after);
    for (const dependent of this.#records.dependentsOf(id)) {
      // What was met is not any more when a completed job begins anew.
      if (!isMet(after)) this.#current.delete(dependent);
      else if (!this.#current.has(dependent)) this.#line(this.#records.get(dependent));
    }
  }

  /** Puts a job into line, if it may run when it is due. */
  #line(job: Job | undefined): void {
    const entry = job && this.#enter(job);
    if (entry) (entry.due === 0 ? this.#ready : this.#timed).push(entry);
  }

  /** Makes the entry for a job that may run when it is due. */
  #enter(job: Job): Entry | undefined {
    if (!isWaiting(job.state)) return undefined;
    if (job.depends_on?.some((id) => !isMet(this.#records.get(id)))) return undefined;
    const entry: Entry = {
      id: job.id,
      seq: job.seq,
      priority: job.priority ?? 0,
      due: job.run_at === undefined ? 0 : Date.parse(job.run_at),
    };
    this.#current.set(job.id, entry);
    return entry;
  }
}

/** A dependency holds a job back until it is completed; one that was deleted holds nothing back. */
export function isMet(dependency: Job | undefined): boolean {
  return dependency === undefined || dependency.state === "completed";
}
