/**
 * Runs the command of the setting `on_finish` for every job that has ended, one after the other.
 *
 * It is told what happened by environment variables. Whoever has recorded the end runs it: when
 * that process is killed in between, it is not run.
 */
import { messageOf } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import { type Location, variablesOf } from "../model/location.ts";
import type { Finished } from "../model/queue.ts";
import { errorOf } from "../model/transitions.ts";
import { execute, type Running } from "./executor.ts";

/** A command that takes longer is ended, in seconds. */
const ON_FINISH_TIMEOUT = 60;

interface OnFinishOptions {
  /** Who runs it: its processes are found by that. */
  readonly name: string;
  /** Where the queue is. */
  readonly location: Location;
  readonly onFailure: (sentence: string) => void;
}

/** The mark of the processes that are run for who has this name, as the run id of a job's. */
export function onFinishRun(name: string): string {
  return `on_finish-${name}`;
}

export class OnFinish {
  readonly #options: OnFinishOptions;
  #waiting: { readonly job: Job; readonly finished: Finished }[] = [];
  #current: Running | undefined;
  #working: Promise<void> | undefined;

  constructor(options: OnFinishOptions) {
    this.#options = options;
  }

  /** Takes note of ended jobs; their commands are run as soon as those before have ended. */
  readonly take = (finished: Finished): void => {
    if (finished.jobs.length === 0) return;
    for (const job of finished.jobs) this.#waiting.push({ job, finished });
    this.#working ??= this.#work();
  };

  /** True while a command runs or waits. */
  get isBusy(): boolean {
    return this.#working !== undefined;
  }

  /** Returns when every command has ended. */
  async done(): Promise<void> {
    await this.#working;
  }

  /** Ends the command that runs, and leaves those that wait. */
  interrupt(): void {
    this.#waiting = [];
    this.#current?.interrupt();
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      try {
        await this.#run(next.job, next.finished);
      } catch (error) {
        this.#fail(next.job, messageOf(error));
      }
    }
    this.#working = undefined;
  }

  async #run(job: Job, { command, gate, log, logLimitBytes }: Finished): Promise<void> {
    const { name, location } = this.#options;
    const run = onFinishRun(name);
    // A log of its own, so that it can be held at its limit and nobody else's last line is quoted.
    const own = log.replace(/\.log$/, `.${name}.log`);
    this.#current = execute({
      run,
      command,
      cwd: gate,
      env: variablesFor(job, location),
      gate,
      log: own,
      logLimitBytes,
      timeoutSeconds: ON_FINISH_TIMEOUT,
      onLook: () => {},
    });
    const outcome = await this.#current.outcome;
    const error = outcome.kind === "shortage" ? outcome.reason : errorOf(outcome);
    this.#current = undefined;
    moveTo(log, own, logLimitBytes);
    if (error !== undefined) this.#fail(job, error);
  }

  #fail({ id }: Job, error: string): void {
    this.#options.onFailure(`on_finish for job '${id}': ${error}`);
  }
}

function variablesFor(job: Job, location: Location): Readonly<Record<string, string>> {
  return {
    ...variablesOf(location),
    QUEUECTL_JOB: job.id,
    QUEUECTL_COMMAND: job.command,
    QUEUECTL_STATE: job.state,
    QUEUECTL_ATTEMPTS: String(job.attempts),
    QUEUECTL_EXIT_CODE: job.exit_code === undefined ? "" : String(job.exit_code),
    QUEUECTL_ERROR: job.error ?? "",
  };
}

/** Appends what a command has printed to the common log; one that has grown too long is set aside. */
function moveTo(log: string, own: string, limit: number): void {
  try {
    const printed = Deno.readFileSync(own);
    Deno.removeSync(own);
    if (sizeOf(log) > limit) Deno.renameSync(log, `${log}.1`);
    Deno.writeFileSync(log, printed, { append: true, mode: 0o600 });
  } catch {
    // It printed nothing that could be kept: a full disk, say.
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
