/**
 * Runs the command of the setting `on_finish` for every job that has ended, one after the other.
 *
 * It is told what happened by environment variables. Whoever has recorded the end runs it: when
 * that process is killed in between, it is not run.
 */
import type { Job } from "../model/job.ts";
import type { Finished } from "../model/queue.ts";
import { errorOf, type Outcome } from "../model/transitions.ts";
import { execute } from "./executor.ts";

/** A command that takes longer is ended, in seconds. */
export const ON_FINISH_TIMEOUT = 60;

export class OnFinish {
  readonly #location: string;
  readonly #onFailure: (sentence: string) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(location: string, onFailure: (sentence: string) => void) {
    this.#location = location;
    this.#onFailure = onFailure;
  }

  /** Takes note of ended jobs; their commands are run as soon as those before have ended. */
  readonly take = (finished: Finished): void => {
    for (const job of finished.jobs) {
      this.#last = this.#last.then(() => this.#run(job, finished));
    }
  };

  /** Returns when every command has ended. */
  done(): Promise<void> {
    return this.#last;
  }

  async #run(job: Job, { command, gate, log, logLimitBytes }: Finished): Promise<void> {
    makeRoom(log, logLimitBytes);
    const running = execute({
      run: `on_finish-${crypto.randomUUID()}`,
      command,
      cwd: gate,
      env: variablesOf(job, this.#location),
      gate,
      log,
      logLimitBytes: Infinity,
      timeoutSeconds: ON_FINISH_TIMEOUT,
      onLook: () => {},
    });
    const outcome: Outcome = await running.outcome;
    const error = errorOf(outcome);
    if (error !== undefined) this.#onFailure(`on_finish for job '${job.id}': ${error}`);
  }
}

function variablesOf(job: Job, location: string): Readonly<Record<string, string>> {
  return {
    QUEUECTL_HOME: location,
    QUEUECTL_JOB: job.id,
    QUEUECTL_COMMAND: job.command,
    QUEUECTL_STATE: job.state,
    QUEUECTL_ATTEMPTS: String(job.attempts),
    QUEUECTL_EXIT_CODE: job.exit_code === undefined ? "" : String(job.exit_code),
    QUEUECTL_ERROR: job.error ?? "",
  };
}

/** A log that has grown too long is set aside, in the place of the one before. */
function makeRoom(log: string, limit: number): void {
  try {
    if (Deno.statSync(log).size > limit) Deno.renameSync(log, `${log}.1`);
  } catch {
    // There is no log yet.
  }
}
