/** How a command is given to the system's shell: everything that differs between systems. */

/** A program and its arguments. */
interface ShellCall {
  readonly program: string;
  readonly args: readonly string[];
}

/** What surrounds a command. */
export interface RunFiles {
  /** The run may begin only while this file is there. */
  readonly gate: string;
  /** Where the output goes. */
  readonly log: string;
}

/** The exit code of a run that found its gate closed. */
const GATE_CLOSED = 125;

/** The exit code of a run whose log cannot be opened; a command may end with it as well. */
export const NO_LOG = 121;

/**
 * The shell call that looks at the gate, sends the output to the log and runs the command.
 *
 * The shell opens the log itself, so no byte of output passes through this program; a directory for
 * logs that somebody has removed is made again, as the command is not to blame. A Ctrl-C or a
 * closed terminal is meant for the supervisor and reaches its whole process group: the command
 * ignores it, as under nohup, and is ended by SIGTERM when it must end.
 */
export function shellCall(
  command: string,
  { gate, log }: RunFiles,
  os: typeof Deno.build.os,
): ShellCall {
  const logs = log.replace(/[\\/][^\\/]*$/, "");
  if (os === "windows") {
    // In brackets, or all that follows on the line would belong to the `if`.
    const script = `(if not exist ${quotePathForCmd(gate)} exit ${GATE_CLOSED})&` +
      `(if not exist ${quotePathForCmd(logs)} mkdir ${quotePathForCmd(logs)})&` +
      `(${command}) 1>>${quotePathForCmd(log)} 2>&1`;
    return { program: "cmd", args: ["/d", "/s", "/c", script] };
  }
  // The command begins a line of its own: what is wrong with its syntax is then reported in the log.
  const beginning = [
    `[ -e ${quoteForSh(gate)} ] || exit ${GATE_CLOSED}`,
    "trap '' INT QUIT HUP",
    `[ -d ${quoteForSh(logs)} ] || mkdir -p -m 700 ${quoteForSh(logs)}`,
    // Without `command` before it a shell ends at once, with a code that says nothing.
    `command exec >>${quoteForSh(log)} 2>&1 || exit ${NO_LOG}`,
  ].join("; ");
  return { program: "/bin/sh", args: ["-c", `${beginning}\n${command}`] };
}

/** A word that the shell takes as it stands. */
export function quoteForSh(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function quotePathForCmd(path: string): string {
  return `"${path.replaceAll('"', "")}"`;
}
