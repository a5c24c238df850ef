/** The pure changes of the rules, made of what stands on the server and carried out there. */
import { makePrivateDirectory, type Owner } from "../machine/io.ts";
import { type MachinePaths, onFinishLogPath } from "../machine/paths.ts";
import { Presence } from "../machine/presence.ts";
import type { Environment } from "../model/environment.ts";
import { isEnded, type Job } from "../model/job.ts";
import type { Unfit } from "../model/queue.ts";
import type { Change, View } from "../rules/change.ts";
import { carryOut } from "./carry_out.ts";
import type { Done } from "./end.ts";
import type { Hand } from "./hand.ts";
import type { LoadedJobs } from "./jobs.ts";
import type { Settings } from "./settings.ts";

/** Sequence numbers of jobs of one millisecond. */
const PER_MS = 1_000;

/** What a change is made with. */
interface ChangesOptions {
  readonly hand: Hand;
  readonly settings: Settings;
  readonly environment: Environment;
  readonly paths: MachinePaths;
  readonly owner: Owner | undefined;
}

/** A change that was carried out as far as nobody else was faster. */
interface CarriedOut<T> {
  readonly result: T;
  readonly isDone: (job: Job) => boolean;
}

export class Changes {
  readonly hand: Hand;
  readonly #options: ChangesOptions;

  constructor(options: ChangesOptions) {
    this.hand = options.hand;
    this.#options = options;
  }

  /** What a change is made of, but for the jobs. */
  async view(): Promise<Omit<View, "records">> {
    const { settings, environment: { clock, random } } = this.#options;
    return {
      now: new Date(clock()).toISOString(),
      next: clock() * PER_MS,
      config: (await settings.config()).complete,
      random,
    };
  }

  /** Makes a pure change of these jobs, and carries it out; with which of them that is done. */
  async transact<T>(
    loaded: LoadedJobs,
    change: (view: View) => Change<T>,
    unfit?: Unfit,
  ): Promise<CarriedOut<T>> {
    const { events, result } = change({ ...await this.view(), records: loaded.records });
    const ended = events.flatMap((event) => {
      if (!("put" in event) || !isEnded(event.put.state)) return [];
      return isEnded(loaded.records.get(event.put.id)!.state) ? [] : [event.put];
    });
    const done = new Map<string, Done>();
    try {
      await carryOut(this.hand, loaded, events, unfit, (id, how) => done.set(id, how));
    } finally {
      // The worker that is asked to end a job tells of its end itself.
      await this.tellFinished(ended.filter(({ id }) => done.get(id) === "done"));
    }
    return { result, isDone: ({ id }) => done.has(id) };
  }

  /** The same, for a change that gives the jobs that it is about: those to which it was done. */
  async jobs(
    loaded: LoadedJobs,
    change: (view: View) => Change<readonly Job[]>,
    unfit?: Unfit,
  ): Promise<readonly Job[]> {
    const { result, isDone } = await this.transact(loaded, change, unfit);
    return result.filter(isDone);
  }

  /** Has `on_finish` run for jobs that have ended. */
  async tellFinished(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    const { settings, environment, paths, owner } = this.#options;
    const { on_finish, log_limit_bytes } = (await settings.config()).complete;
    if (on_finish === "") return;
    makeRoom(paths, owner);
    environment.onFinished?.({
      jobs,
      command: on_finish,
      gate: paths.directory,
      log: onFinishLogPath(paths),
      logLimitBytes: log_limit_bytes,
    });
  }
}

/** Makes the directories for what is left here. */
export function makeRoom(paths: MachinePaths, owner: Owner | undefined): void {
  makePrivateDirectory(paths.directory, owner);
  Presence.makeRoom(paths, owner);
}
