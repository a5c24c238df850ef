/** The queue in memory: every job by its id, as the files say once the journal is replayed. */
import { ambiguous, noSuchJob } from "../model/errors.ts";
import { isEnded, isRunning, type Job, type State, STATES } from "../model/job.ts";
import { changed, type JobChange } from "../model/job_change.ts";
import type { Schedule } from "../model/schedule.ts";

/** What belongs to the queue and to no job. */
export interface QueueState {
  readonly paused: boolean;
  readonly schedules?: readonly Schedule[];
}

/**
 * What a transaction did: results, not commands. Each is absolute, so replaying it on a newer
 * state changes nothing.
 */
export type QueueEvent =
  | { readonly put: Job }
  | JobChange
  | { readonly drop: string }
  | { readonly paused: boolean }
  | { readonly schedule: Schedule }
  | { readonly unschedule: string };

/** The job that an event is about; undefined if it is about none. */
export function idOf(event: QueueEvent): string | undefined {
  if ("put" in event) return event.put.id;
  if ("set" in event) return event.set.id;
  return "drop" in event ? event.drop : undefined;
}

/** What is not known of an ended job that is not kept. */
const NOTHING: Omit<Job, "id" | "state"> = {
  command: "",
  attempts: 0,
  max_retries: 0,
  created_at: "",
  updated_at: "",
  seq: 0,
};

/** A completed job that is not kept anyway need not be made. */
const COMPLETED: Job = { ...NOTHING, id: "", state: "completed" };

function isCompletion(event: QueueEvent): boolean {
  return "set" in event && event.set.state === "completed";
}

/** Told of every change of a job. */
type Observer = (before: Job | undefined, after: Job | undefined) => void;

/**
 * What is kept in memory, which of a long queue makes the difference between much and little:
 *
 * - every job;
 * - for a worker, those that have not ended, of dead and cancelled ones that they are, and of those
 *   that it saw completed when, while others depend on them;
 * - to look at, all but the completed ones, and the newest of these;
 * - to enqueue, the jobs with these ids: one needs to know only whether there are any.
 */
export type Keep = "all" | "unfinished" | Newest | ReadonlySet<string>;

/** Those that are not completed, and of the completed ones the last `newest` that arrived. */
interface Newest {
  readonly newest: number;
}

/** What an event makes of a job. A job that is gone is not brought back by what happened to it before. */
export function afterEvent(before: Job | undefined, event: QueueEvent): Job | undefined {
  if ("put" in event) return event.put;
  if ("set" in event) return before && changed(before, event);
  return "drop" in event ? undefined : before;
}

export class Records {
  readonly #jobs = new Map<string, Job>();
  readonly #counts: Record<State, number>;
  readonly #observers: Observer[] = [];
  readonly #running = new Set<string>();
  /** Which jobs name a job in `depends_on`, met or not. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #schedules = new Map<string, Schedule>();
  #paused = false;
  #isExact = true;

  constructor(readonly keep: Keep = "all") {
    this.#counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** By their names. */
  get schedules(): ReadonlyMap<string, Schedule> {
    return this.#schedules;
  }

  /** Takes over what a journal's header has kept. */
  restore({ paused, schedules = [] }: QueueState): void {
    this.#paused = paused;
    this.#schedules.clear();
    for (const schedule of schedules) this.#schedules.set(schedule.name, schedule);
  }

  /** What a journal's header keeps. */
  get state(): QueueState {
    const schedules = [...this.#schedules.values()];
    return { paused: this.#paused, ...(schedules.length > 0 ? { schedules } : {}) };
  }

  get counts(): Readonly<Record<State, number>> {
    return this.#counts;
  }

  /** False if what is counted cannot be relied on, as too little is kept. */
  get isExact(): boolean {
    return this.#isExact && !(this.keep instanceof Set);
  }

  /** A snapshot was read: this many completed jobs stand in it besides what is kept. */
  countCompleted(completed: number): void {
    this.#counts.completed += completed;
    this.#isExact = true;
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  values(): MapIterator<Job> {
    return this.#jobs.values();
  }

  /** The jobs of which a run goes on. */
  get running(): readonly Job[] {
    return [...this.#running].map((id) => this.#jobs.get(id)!);
  }

  /** True if any job depends on another. */
  get hasDependents(): boolean {
    return this.#dependents.size > 0;
  }

  /** The ids of the jobs that depend on this one, in whatever state. */
  dependentsOf(id: string): Iterable<string> {
    return this.#dependents.get(id) ?? [];
  }

  observe(observer: Observer): void {
    this.#observers.push(observer);
  }

  /** As if each had been put, for many that nobody knows or observes yet: the short way. */
  load(jobs: readonly Job[]): void {
    for (const job of jobs) {
      const after = this.#kept(job);
      if (!after || this.#jobs.has(job.id)) {
        this.apply({ put: job });
        continue;
      }
      this.#jobs.set(job.id, after);
      this.#counts[after.state]++;
      if (isRunning(after)) this.#running.add(job.id);
      if (after.depends_on) this.#link(job.id, undefined, after);
    }
  }

  apply(event: QueueEvent): void {
    const id = idOf(event);
    if (id !== undefined) this.#change(id, event);
    else if ("paused" in event) this.#paused = event.paused;
    else if ("schedule" in event) this.#schedules.set(event.schedule.name, event.schedule);
    else if ("unschedule" in event) this.#schedules.delete(event.unschedule);
  }

  #change(id: string, event: QueueEvent): void {
    const before = this.#jobs.get(id);
    const isOver = before !== undefined && this.keep === "unfinished" && isCompletion(event) &&
      !this.#dependents.has(id);
    const given = isOver ? COMPLETED : afterEvent(before, event);
    const after = given && this.#kept(given);
    if (this.#isPartial) this.#countUnkept(before, given, after);
    if (!before && !after) return;
    if (before) this.#counts[before.state]--;
    if (before && isRunning(before)) this.#running.delete(id);
    if (after && isRunning(after)) this.#running.add(id);
    if (after) {
      this.#counts[after.state]++;
      this.#jobs.set(id, after);
    } else {
      this.#jobs.delete(id);
    }
    if (before?.depends_on !== after?.depends_on) this.#link(id, before, after);
    for (const observer of this.#observers) observer(before, after);
  }

  /** True if some completed jobs are counted and not kept. */
  get #isPartial(): boolean {
    return this.keep !== "all" && !(this.keep instanceof Set);
  }

  /** Who is not known, and neither new nor completed now, was completed before. */
  #countUnkept(before: Job | undefined, given: Job | undefined, after: Job | undefined): void {
    if (!before && !given) this.#counts.completed--;
    else if (given && !after) this.#counts.completed++;
    else if (!before && given && !isNew(given)) this.#isExact = false;
  }

  /** For a worker a completed job is as good as gone: it holds nothing back, but tells since when. */
  #kept(job: Job): Job | undefined {
    if (this.keep instanceof Set) return this.keep.has(job.id) ? job : undefined;
    if (this.keep !== "unfinished" || !isEnded(job.state) || isRunning(job)) return job;
    const { id, state, updated_at, finished_at = updated_at } = job;
    if (state !== "completed") return { ...NOTHING, id, state };
    return this.#dependents.has(id) ? { ...NOTHING, id, state, finished_at } : undefined;
  }

  #link(id: string, before: Job | undefined, after: Job | undefined): void {
    for (const dependency of before?.depends_on ?? []) {
      const dependents = this.#dependents.get(dependency);
      dependents?.delete(id);
      if (dependents?.size === 0) this.#forgetDependency(dependency);
    }
    for (const dependency of after?.depends_on ?? []) {
      const dependents = this.#dependents.get(dependency);
      if (dependents) dependents.add(id);
      else this.#dependents.set(dependency, new Set([id]));
    }
  }

  /** Nobody asks any more since when it is completed: from now on it is counted only. */
  #forgetDependency(id: string): void {
    this.#dependents.delete(id);
    if (this.keep === "unfinished" && this.#jobs.get(id)?.state === "completed") {
      this.#jobs.delete(id);
    }
  }

  /**
   * The job with this id.
   *
   * @throws {QueueError} `not_found` if there is none
   */
  find(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw noSuchJob(id);
    return job;
  }

  /**
   * The job that people mean by a word: by its id, or by a beginning of it that no other job's has.
   *
   * @throws {QueueError} `not_found` if it is none's, `conflict` if it is several jobs'
   */
  resolve(word: string): Job {
    if (word === "" || this.#jobs.has(word)) return this.find(word);
    const [job, ...others] = [...this.#jobs.values()].filter(({ id }) => id.startsWith(word));
    if (!job) throw noSuchJob(word);
    if (others.length > 0) throw ambiguous(word, [job, ...others].map(({ id }) => id));
    return job;
  }
}

/** False for a job that was there before, perhaps among those that are not kept. */
function isNew({ history, created_at, updated_at }: Job): boolean {
  return !history && created_at === updated_at;
}

/** The same jobs, each once. */
export function distinct(jobs: readonly Job[]): readonly Job[] {
  return [...new Set(jobs)];
}

/** The jobs with these ids that are still there and pass, each once. */
export function thoseThat(
  records: Records,
  ids: readonly string[],
  passes: (job: Job) => boolean,
): readonly Job[] {
  return [...new Set(ids)].flatMap((id) => {
    const job = records.get(id);
    return job && passes(job) ? [job] : [];
  });
}
