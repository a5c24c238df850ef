/** From the words of a command line to an exit code. */
import { buildApplication, run as runStricli, text_en } from "@stricli/core";
import { usage } from "../model/errors.ts";
import { loadCommandTree } from "./commands.ts";
import type { Context } from "./context.ts";
import { asQueueError, EXIT_USAGE, exitCodeOf, printError } from "./errors.ts";
import { locationOf } from "./location_of.ts";
import { ClosedPipe, type Output, printLine, visible } from "./output.ts";
import { withQueue } from "./with_queue.ts";
import { splitWords, type Words } from "./words.ts";

/** What the program is given from outside. */
export interface Surroundings extends Output {
  readonly env: (name: string) => string | undefined;
  readonly cwd: () => string;
  readonly readStdin: () => Promise<Uint8Array>;
  /** Asks a question on the terminal; undefined if there is none. */
  readonly ask: (question: string) => boolean | undefined;
  readonly clock: () => number;
  readonly random: () => number;
  readonly timeZone: () => string;
}

/** Runs one command line. Never throws, never exits. */
export async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const json = args.slice(0, args.indexOf("--") < 0 ? undefined : args.indexOf("--"))
    .includes("--json");
  try {
    return await runWords(splitWords(checkReadable(args)), around);
  } catch (thrown) {
    if (thrown instanceof ClosedPipe) return 0;
    const error = asQueueError(thrown);
    try {
      await printError(around.stderr, error, json);
    } catch {
      // Nobody reads it, or the disk is full: the exit code says it all the same.
    }
    return exitCodeOf(error);
  }
}

/** What stands in a word for bytes that are no UTF-8: which they were is not known any more. */
const LOST = "\uFFFD";

function checkReadable(args: readonly string[]): readonly string[] {
  const bad = args.find((word) => word.includes(LOST));
  if (bad === undefined) return args;
  throw usage(`'${bad}' is no UTF-8`, "put the command into a file of its own, and run that");
}

async function runWords(words: Words, around: Surroundings): Promise<number> {
  if (words.words[0] === "--version" || words.words[0] === "-V") {
    const { default: project } = await import("../../deno.json", { with: { type: "json" } });
    printLine(around.stdout, project.version);
    return 0;
  }
  let exitCode = 0;
  const failures: Failure[] = [];
  const context: Context = {
    ...contextOf(words, around),
    exitWith: (code) => exitCode = code,
  };
  const fail = (failure: Failure): string => {
    failures.push(failure);
    return "";
  };
  const asksForHelp = words.words.some((word) => word === "--help" || word === "-h");
  const app = buildApplication(await loadCommandTree(words.words[0]), {
    name: "queuectl",
    scanner: {
      caseStyle: "original",
      allowArgumentEscapeSequence: true,
      distanceOptions: {
        threshold: 4,
        weights: { insertion: 1, deletion: 2, substitution: 2, transposition: 0 },
      },
    },
    localization: {
      text: {
        ...text_en,
        exceptionWhileParsingArguments: (error) => fail({ kind: "words", error }),
        exceptionWhileRunningCommand: (error) => fail({ kind: "thrown", error }),
        exceptionWhileLoadingCommandFunction: (error) => fail({ kind: "thrown", error }),
        noCommandRegisteredForInput: ({ input, corrections }) =>
          fail({ kind: "command", input, corrections }),
        exceptionWhileRunningIntegrationFlag: ({ exception }) =>
          fail({ kind: "thrown", error: exception }),
      },
    },
    documentation: { disableAnsiColor: true },
  }, {
    help: {
      flag: {
        brief: "Show what a command does",
        aliases: ["h"],
        global: true,
        defaultForRouteMap: true,
        run: async (_app, { result }) => {
          const { formatHelp } = await import("./help.ts");
          const isGroup = result.prefix.length > 1 && !asksForHelp;
          const sink = isGroup ? around.stderr : around.stdout;
          sink.write(formatHelp(result.target, result.prefix, sink.columns));
          if (isGroup) exitCode = EXIT_USAGE;
        },
      },
    },
  });
  await runStricli(app, [...words.words], context);
  const [failure] = failures;
  if (failure) throw await errorOf(failure, words);
  return exitCode;
}

/** Why a command line came to nothing. */
type Failure =
  | { readonly kind: "thrown"; readonly error: unknown }
  | { readonly kind: "words"; readonly error: unknown }
  | { readonly kind: "command"; readonly input: string; readonly corrections: readonly string[] };

async function errorOf(failure: Failure, { words, typed }: Words): Promise<unknown> {
  if (failure.kind === "thrown") return failure.error;
  const { parseError, unknownCommand } = await import("./parse_errors.ts");
  return failure.kind === "words"
    ? parseError(failure.error, words, typed)
    : unknownCommand(failure.input, failure.corrections, words);
}

function contextOf(
  { globals, afterDashes, typed }: Words,
  around: Surroundings,
): Omit<Context, "exitWith"> {
  const location = locationOf(globals, around);
  const warn = (sentence: string): void => {
    try {
      printLine(around.stderr, `queuectl: ${visible(sentence)}`);
    } catch {
      // Nobody reads it, the terminal is gone, or the disk full: that is no reason to stop.
    }
  };
  const ignored = { write: () => {} };
  return {
    process: { stdout: ignored, stderr: ignored },
    stdout: around.stdout,
    stderr: around.stderr,
    colours: around.colours,
    location,
    afterDashes,
    typed,
    clock: around.clock,
    random: around.random,
    timeZone: around.timeZone,
    cwd: around.cwd,
    readStdin: around.readStdin,
    ask: around.ask,
    env: around.env,
    warn,
    withQueue: (work, purpose) => withQueue(location, around, warn, work, purpose),
    withQueueAt: (elsewhere, work) => withQueue(elsewhere, around, warn, work),
  };
}
