/**
 * Runs one command to its end. Knows nothing of queues.
 *
 * The first reason for ending a run before its time wins, and is recorded once.
 */
import { messageOf } from "../model/errors.ts";
import type { Outcome } from "../model/transitions.ts";
import { pause, startTimer } from "../timer.ts";
import { lastLine, LogLimit } from "./run_log.ts";
import { endTree, RUN_MARK } from "./process_tree.ts";
import { NO_LOG, shellCall } from "./shell.ts";

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
  /** Called from time to time while the run goes on; for a short one perhaps never. */
  readonly onLook: () => void;
}

/** This machine has not the means to run a command just now: it was not begun, and is not to blame. */
export interface Shortage {
  readonly kind: "shortage";
  readonly reason: string;
}

/** A run that goes on. */
export interface Running {
  readonly outcome: Promise<Outcome | Shortage>;
  /** Ends the run's whole process tree; the outcome is `interrupted`. */
  interrupt(): void;
}

/** How often runs are looked after, in milliseconds. */
const LOOK_MS = 100;

export function execute(run: Run): Running {
  let child: Deno.ChildProcess;
  try {
    child = start(run);
  } catch (error) {
    return { outcome: Promise.resolve(notStarted(error, run)), interrupt: () => {} };
  }
  let ended: Promise<Outcome | Shortage> | undefined;
  let over = false;
  const endEarly = (outcome: Outcome): void => {
    if (!over) ended ??= endWhole(run, child.pid).then(() => outcome);
  };
  const limit = new LogLimit(run.log, run.logLimitBytes);
  const care = lookAfter(
    run,
    limit,
    () => endEarly({ kind: "timed_out", after_seconds: run.timeoutSeconds }),
  );
  const outcome = child.status.catch(byUnnamedSignal).then(async (status) => {
    over = true;
    // A shell that somebody has killed leaves what it had started: the next run would go on beside it.
    if (status.signal !== null) {
      ended ??= endWhole(run, child.pid).then(() => outcomeOf(status, run));
    }
    const early = await ended;
    care.stop();
    limit.finish();
    return early ?? outcomeOf(status, run);
  });
  return { outcome, interrupt: () => endEarly({ kind: "interrupted" }) };
}

/** How long to wait before what could not be ended is tried again, in milliseconds. */
const TRY_AGAIN_MS = 1_000;

/** However long it takes: with something left, the next run would go on beside it. */
async function endWhole({ run }: Run, root: number): Promise<void> {
  const known = new Map<number, string>();
  // No file handle or process left for the list of processes, say, is no sign that all have ended.
  while (!await endTree(run, root, known).catch(() => false)) await pause(TRY_AGAIN_MS);
}

function start(run: Run): Deno.ChildProcess {
  const { program, args } = shellCall(run.command, run, Deno.build.os);
  return new Deno.Command(program, {
    args: [...args],
    ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
    // Who knows the dashboard's secret can run commands: it is none of a job's business.
    env: { QUEUECTL_TOKEN: "", ...run.env, [RUN_MARK]: run.run },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    windowsRawArguments: true,
  }).spawn();
}

/** How a command ended, as far as it matters. */
type ExitStatus = Pick<Deno.CommandStatus, "code"> & { readonly signal: string | null };

/** The first of the signals that have no names of their own, on Linux; there are 31 of them. */
const SIGRTMIN = 34;

/** Deno knows no real-time signals: it rejects where a command was ended by one. */
function byUnnamedSignal(error: unknown): ExitStatus {
  const number = Number(/^Invalid signal: (\d+)$/.exec(messageOf(error))?.[1] ?? NaN);
  if (Number.isNaN(number)) throw error;
  const beyond = number - SIGRTMIN;
  const signal = beyond < 0 ? `signal ${number}` : `SIGRTMIN${beyond === 0 ? "" : `+${beyond}`}`;
  return { code: 128 + number, signal };
}

function outcomeOf(status: ExitStatus, run: Run): Outcome | Shortage {
  if (status.code === NO_LOG && !isThere(run.log)) {
    return { kind: "shortage", reason: `cannot write ${run.log}` };
  }
  if (status.signal !== null) return { kind: "signalled", signal: status.signal };
  if (status.code === 0) return { kind: "exited", exit_code: 0 };
  const last_line = lastLine(run.log);
  return { kind: "exited", exit_code: status.code, ...(last_line ? { last_line } : {}) };
}

/** No process, memory or file handle left: EAGAIN (35 on macOS and BSD), ENOMEM, ENFILE, EMFILE. */
const SHORT = /\(os error (11|35|12|23|24)\)/;

function notStarted(error: unknown, { cwd }: Run): Outcome | Shortage {
  const message = messageOf(error);
  if (Deno.build.os !== "windows" && SHORT.test(message)) {
    return { kind: "shortage", reason: message };
  }
  const isRefused = error instanceof Deno.errors.PermissionDenied;
  return { kind: "not_started", reason: faultOf(cwd, isRefused) ?? message };
}

/** What is wrong with the directory that a command was to run in. */
function faultOf(cwd: string | undefined, isRefused: boolean): string | undefined {
  if (cwd === undefined) return undefined;
  if (!isThere(cwd, ({ isDirectory }) => isDirectory)) return `there is no directory ${cwd}`;
  return isRefused ? `the directory ${cwd} may not be entered` : undefined;
}

/** False if there is nothing of this name, or not of the kind that is meant. */
function isThere(path: string, isMeant: (file: Deno.FileInfo) => boolean = () => true): boolean {
  try {
    return isMeant(Deno.statSync(path));
  } catch {
    return false;
  }
}

/** A timeout that is no longer than this has a timer of its own, in milliseconds. */
const SHORT_TIMEOUT_MS = 10 * LOOK_MS;

/** What a long run needs: its log held at the limit, and an end at its timeout. */
function lookAfter(run: Run, limit: LogLimit, onTimeout: () => void): { stop(): void } {
  const begun = performance.now();
  const timeoutMs = run.timeoutSeconds === 0 ? Infinity : run.timeoutSeconds * 1000;
  const exact = timeoutMs <= SHORT_TIMEOUT_MS ? startTimer(timeoutMs, onTimeout) : undefined;
  const looks = everySoOften(() => {
    limit.hold();
    run.onLook();
    if (performance.now() - begun >= timeoutMs) onTimeout();
  });
  return {
    stop: () => {
      looks.stop();
      exact?.stop();
    },
  };
}

const looks = new Set<() => void>();
let ticking = false;

/**
 * Calls back every {@link LOOK_MS}, until it is stopped. One timer serves all, and goes on from run
 * to run: a timer for each run would cost a short one more than anything else here.
 */
function everySoOften(look: () => void): { stop(): void } {
  looks.add(look);
  if (!ticking) tick();
  return { stop: () => looks.delete(look) };
}

async function tick(): Promise<void> {
  ticking = true;
  while (looks.size > 0) {
    await pause(LOOK_MS);
    for (const each of looks) each();
  }
  ticking = false;
}
