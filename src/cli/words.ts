/**
 * What is done with the words of a command line before the command tree sees them: spellings that
 * the tree does not know are rewritten to those that it knows.
 */
import { type QueueError, usage } from "../model/errors.ts";

/** The command line, in parts. */
export interface Words {
  /** For the command tree. */
  readonly words: readonly string[];
  /** As they were typed, up to a `--`, without the flags that every command knows. */
  readonly typed: readonly string[];
  /** Flags that every command knows, wherever they stood. */
  readonly globals: Readonly<Partial<Record<GlobalFlag, string>>>;
  /** What stood behind `--`, if there was one and the command takes words. */
  readonly afterDashes: readonly string[] | undefined;
}

/** They are no flags of the command tree. */
export const GLOBAL_FLAGS = {
  "data-dir": {
    placeholder: "DIR",
    brief: "Where the queue is; else $QUEUECTL_HOME, else ~/.queuectl",
  },
  "store": {
    placeholder: "URL",
    brief: "The server that has it, if one has; else $QUEUECTL_STORE, else the setting",
  },
} as const;
type GlobalFlag = keyof typeof GLOBAL_FLAGS;

const GLOBAL_NAMES = Object.keys(GLOBAL_FLAGS) as readonly GlobalFlag[];

/** The global flag that a word is, with its value behind `=` or without. */
export function globalFlagOf(word: string): GlobalFlag | undefined {
  return GLOBAL_NAMES.find((name) => word === `--${name}` || word.startsWith(`--${name}=`));
}

/** Second names of flags: the tree knows one name for each. */
const OTHER_NAMES: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  "cmd": "command",
  "depend-on": "depends-on",
});

/** Short flags that take a value, which may follow without a space. */
const SHORT_WITH_VALUE = /^-([cirpfn])(=$|[^=].*$)/s;

const LONG_FLAG = /^--([A-Za-z][\w-]*)(=(.*))?$/s;

export function splitWords(args: readonly string[]): Words {
  // `deno task start -- enqueue` hands on the `--`.
  const given = args[0] === "--" ? args.slice(1) : args;
  const dashes = given.indexOf("--");
  const before = dashes < 0 ? given : given.slice(0, dashes);
  const after = dashes < 0 ? undefined : given.slice(dashes + 1);
  const { words, globals } = takeGlobals(before.flatMap(rewrite));
  const named = withoutHelpWord(words);
  if (named.length === 0 && given.length > 0) throw noCommand(globals);
  const rest = { globals, typed: takeGlobals(before).words };
  return takesCommand(named) || after === undefined
    ? { words: named, afterDashes: after, ...rest }
    : { words: [...named, "--", ...after], afterDashes: undefined, ...rest };
}

/** An empty variable may have had a flag take the command for its value. */
function noCommand(globals: Words["globals"]): QueueError {
  const [flag, value] = Object.entries(globals)[0] ?? [];
  const taken = flag === undefined ? "" : `: '${value}' was taken for the value of --${flag}`;
  return usage(`there is no command${taken}`, "a command comes first: `queuectl list`, say");
}

/** Commands that have others inside. */
export const GROUPS: readonly string[] = ["worker", "dlq", "schedule", "config"];

/** `help COMMAND` and `GROUP help COMMAND` are said with `--help`. */
function withoutHelpWord(words: readonly string[]): readonly string[] {
  const place = GROUPS.includes(words[0] ?? "") ? 1 : 0;
  return words[place] === "help" ? [...words.toSpliced(place, 1), "--help"] : words;
}

/** True for a command of queuectl behind whose `--` the command of a job stands. */
export function takesCommand([first, second]: readonly string[]): boolean {
  return first === "enqueue" || first === "edit" || (first === "schedule" && second === "add");
}

function rewrite(word: string): readonly string[] {
  const short = SHORT_WITH_VALUE.exec(word);
  if (short) return [`-${short[1]}`, short[2] === "=" ? "" : short[2]!];
  const long = LONG_FLAG.exec(word);
  if (!long) return [word];
  const name = long[1]!.replaceAll("_", "-");
  const flag = `--${OTHER_NAMES[name] ?? name}`;
  const value = long[3];
  if (value === undefined) return [flag];
  // An empty value and one with line breaks are no value to the tree when they stand behind `=`.
  return value === "" || value.includes("\n") ? [flag, value] : [`${flag}=${value}`];
}

function takeGlobals(given: readonly string[]): Pick<Words, "words" | "globals"> {
  const words: string[] = [];
  const globals: Partial<Record<GlobalFlag, string>> = {};
  for (let i = 0; i < given.length; i++) {
    const word = given[i]!;
    const name = globalFlagOf(word);
    if (!name) {
      words.push(word);
      continue;
    }
    const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : given[++i];
    if (!value) throw usage(`--${name} needs a value`);
    if (globals[name] !== undefined) throw usage(`--${name} is given twice`);
    globals[name] = value;
  }
  return { words, globals };
}
