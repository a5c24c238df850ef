/**
 * Runs one command to its end. Knows nothing of queues.
 *
 * The first reason for ending a run before its time wins, and is recorded once.
 */
import type { Outcome } from "../model/transitions.ts";
import { lastLine, LogLimit } from "./run_log.ts";
import { endTree, RUN_MARK } from "./process_tree.ts";
import { shellCall } from "./shell.ts";

/** A command, and everything around it. */
export interface Run {
  readonly run: string;
  readonly command: string;
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly gate: string;
  readonly log: string;
  readonly logLimitBytes: number;
  /** 0 for no limit. */
  readonly timeoutSeconds: number;
}

/** A run that goes on. */
export interface Running {
  readonly outcome: Promise<Outcome>;
  /** Ends the run's whole process tree; the outcome is `interrupted`. */
  interrupt(): void;
}

/** The longest time a timer takes, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

export function execute(run: Run): Running {
  let child: Deno.ChildProcess;
  try {
    child = start(run);
  } catch (error) {
    const outcome: Outcome = { kind: "not_started", reason: reasonOf(error, run) };
    return { outcome: Promise.resolve(outcome), interrupt: () => {} };
  }
  let ended: Promise<Outcome> | undefined;
  const endEarly = (outcome: Outcome): void => {
    ended ??= endTree(run.run, child.pid).then(() => outcome);
  };
  const timeout = after(
    run.timeoutSeconds,
    () => endEarly({ kind: "timed_out", after_seconds: run.timeoutSeconds }),
  );
  const limit = new LogLimit(run.log, run.logLimitBytes);
  const outcome = child.status.then(async (status) => {
    timeout.cancel();
    const outcome = await ended ?? outcomeOf(status, run);
    limit.close();
    return outcome;
  });
  return { outcome, interrupt: () => endEarly({ kind: "interrupted" }) };
}

function start(run: Run): Deno.ChildProcess {
  const { program, args } = shellCall(run.command, run, Deno.build.os);
  return new Deno.Command(program, {
    args: [...args],
    ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
    env: { ...run.env, [RUN_MARK]: run.run },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    windowsRawArguments: true,
  }).spawn();
}

function outcomeOf(status: Deno.CommandStatus, run: Run): Outcome {
  if (status.signal !== null) return { kind: "signalled", signal: status.signal };
  if (status.code === 0) return { kind: "exited", exit_code: 0 };
  const last_line = lastLine(run.log);
  return { kind: "exited", exit_code: status.code, ...(last_line ? { last_line } : {}) };
}

function reasonOf(error: unknown, { cwd }: Run): string {
  if (cwd !== undefined && !isDirectory(cwd)) return `there is no directory ${cwd}`;
  return error instanceof Error ? error.message : String(error);
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Calls back after so many seconds, never for 0. */
function after(seconds: number, call: () => void): { cancel(): void } {
  if (seconds === 0) return { cancel: () => {} };
  let timer: ReturnType<typeof setTimeout>;
  let left = seconds * 1000;
  const arm = (): void => {
    const part = Math.min(left, LONGEST_TIMER);
    left -= part;
    timer = setTimeout(left > 0 ? arm : call, part);
  };
  arm();
  return { cancel: () => clearTimeout(timer) };
}
