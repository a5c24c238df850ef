/** What may come next on a command line: for the completions of a shell. */
import type { Command, RouteMap } from "@stricli/core";
import { CONFIG_SPELLINGS } from "../model/config.ts";
import { QueueError } from "../model/errors.ts";
import { type State, STATES, UNFINISHED_STATES } from "../model/job.ts";
import type { Location } from "../model/location.ts";
import { MISSED_POLICIES } from "../model/schedule.ts";
import type { Queue } from "../model/queue.ts";
import { loadCommandTree } from "./commands.ts";
import { COMPLETION_SCRIPTS } from "./completion_scripts.ts";
import type { Context } from "./context.ts";
import { homeOf, locationOf } from "./location_of.ts";
import { visible } from "./output.ts";
import { GLOBAL_FLAGS, globalFlagOf, splitWords } from "./words.ts";

/** More candidates than this help nobody. */
const MOST = 500;

/** Flags that every command knows. */
const KNOWN_EVERYWHERE: Readonly<Record<string, ShownFlag>> = {
  ...GLOBAL_FLAGS,
  "help": { brief: "Show what it does" },
};

/** A word that may come next, and what it stands for. */
interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What of a flag's definition matters here. */
interface ShownFlag {
  readonly brief?: string;
  readonly placeholder?: string;
  readonly hidden?: boolean;
}

/** The states of the jobs that a command can do something about; those of all jobs for any other. */
const FITTING: Readonly<Record<string, readonly State[]>> = {
  "cancel": UNFINISHED_STATES,
  "wait": UNFINISHED_STATES,
  "retry": ["failed", "dead", "cancelled"],
  "dlq retry": ["dead"],
  "dlq delete": ["dead"],
};

/** What is found in the queue, by the placeholder that stands for it in help. */
const IN_THE_QUEUE: Readonly<
  Record<string, (queue: Queue, command: string) => Promise<readonly Candidate[]>>
> = {
  ID: async (queue, command) => {
    const states = FITTING[command];
    const { jobs } = await queue.list(states ? { states } : {});
    return jobs.map((job) => ({ word: job.id, about: `${job.state}: ${visible(job.command)}` }));
  },
  WORKER: async (queue) =>
    (await queue.workers()).map(({ id, job }) => ({
      word: id,
      about: job === null ? "idle" : `runs ${job}`,
    })),
  NAME: async (queue) =>
    (await queue.schedules()).map(({ name, cron, job }) => ({
      word: name,
      about: `${cron}: ${visible(job.command)}`,
    })),
  TAG: async (queue) => {
    const tags = (await queue.list({})).jobs.flatMap((job) => job.tags ?? []);
    return [...new Set(tags)].map((word) => ({ word }));
  },
};

/** Words that are always the same, by the placeholder that stands for them in help. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  STATE: STATES,
  KEY: CONFIG_SPELLINGS,
  SHELL: Object.keys(COMPLETION_SCRIPTS),
  ZONE: Intl.supportedValuesOf("timeZone"),
  [MISSED_POLICIES.join("|")]: MISSED_POLICIES,
  "text|json": ["text", "json"],
};

/**
 * The words that may stand in the place of the last one.
 *
 * @param line the words behind the program's name, the last one unfinished, perhaps empty
 */
export async function candidates(
  context: Context,
  line: readonly string[],
): Promise<readonly Candidate[]> {
  const before = line.slice(0, -1);
  const last = line.at(-1) ?? "";
  if (before.includes("--")) return [];
  const tree = await loadCommandTree(undefined);
  const { target, name, words } = descend(tree, before);
  if (!("parameters" in target)) {
    return startingWith(last, last.startsWith("-") ? flagsIn({}) : commandsIn(target));
  }
  const flags = target.parameters.flags as Readonly<Record<string, ShownFlag>> | undefined;
  const aliases = target.parameters.aliases as Readonly<Record<string, string>> | undefined;
  const known = { ...flags, ...KNOWN_EVERYWHERE };
  const asking = { context, location: locationIn(context, before) };
  const assigned = /^--([\w-]+)=(.*)$/s.exec(last);
  if (assigned) {
    const values = await valuesFor(asking, "", known[assigned[1]!]?.placeholder, assigned[2]!);
    return values.map(({ word, ...rest }) => ({ word: `--${assigned[1]}=${word}`, ...rest }));
  }
  const awaiting = awaitingFlag(words.at(-1), known, aliases ?? {});
  if (awaiting) return await valuesFor(asking, "", awaiting.placeholder, last);
  if (last.startsWith("-")) return startingWith(last, flagsIn(flags ?? {}));
  return await valuesFor(asking, name, placeholderAt(target, words, known, aliases ?? {}), last);
}

/** Who asks, and of which queue. */
interface Asking {
  readonly context: Context;
  readonly location: Location;
}

/** The queue that the line is about; a shell has not put the home directory in the place of `~` yet. */
function locationIn(context: Context, words: readonly string[]): Location {
  try {
    const { globals } = splitWords(words);
    const directory = globals["data-dir"]?.replace(/^~(?=\/|$)/, () => homeOf(context.env));
    return locationOf({ ...globals, ...(directory ? { "data-dir": directory } : {}) }, context);
  } catch (error) {
    if (error instanceof QueueError) return context.location;
    throw error;
  }
}

/** The command or group that the words name, its name, and the words behind that. */
function descend(
  tree: RouteMap<Context>,
  words: readonly string[],
): { target: RouteMap<Context> | Command<Context>; name: string; words: readonly string[] } {
  const names: string[] = [];
  let target: RouteMap<Context> | Command<Context> = tree;
  let rest = words.filter((word, index) => {
    const before = words[index - 1] ?? "";
    const isValue = globalFlagOf(before) !== undefined && !before.includes("=");
    return !isValue && globalFlagOf(word) === undefined && word !== "help";
  });
  while (!("parameters" in target) && rest.length > 0) {
    const name: string = rest[0]!;
    const entries: ReturnType<RouteMap<Context>["getAllEntries"]> = target.getAllEntries();
    const entry = entries.find((each) =>
      each.name.original === name || each.aliases.includes(name)
    );
    if (!entry) break;
    target = entry.target;
    names.push(entry.name.original);
    rest = rest.slice(1);
  }
  return { target, name: names.join(" "), words: rest };
}

function commandsIn(group: RouteMap<Context>): readonly Candidate[] {
  return group.getAllEntries().filter((entry) => !entry.hidden)
    .map(({ name, target }) => ({ word: name.original, about: target.brief }));
}

function flagsIn(flags: Readonly<Record<string, ShownFlag>>): readonly Candidate[] {
  return Object.entries({ ...flags, ...KNOWN_EVERYWHERE }).filter(([, flag]) => !flag.hidden)
    .map(([name, { brief }]) => ({ word: `--${name}`, ...(brief ? { about: brief } : {}) }));
}

/** The flag that the last whole word names, if it wants a value. */
function awaitingFlag(
  word: string | undefined,
  flags: Readonly<Record<string, ShownFlag>>,
  aliases: Readonly<Record<string, string>>,
): ShownFlag | undefined {
  if (!word?.startsWith("-") || word.includes("=")) return undefined;
  const given = word.replace(/^--?/, "");
  const flag = flags[word.startsWith("--") ? given : aliases[given] ?? ""];
  return flag?.placeholder === undefined ? undefined : flag;
}

/** What stands for the positional word that comes next. */
function placeholderAt(
  { parameters: { positional } }: Command<Context>,
  words: readonly string[],
  flags: Readonly<Record<string, ShownFlag>>,
  aliases: Readonly<Record<string, string>>,
): string | undefined {
  if (positional?.kind === "array") return positional.parameter.placeholder;
  const given = words.filter((word, index) =>
    !word.startsWith("-") && !awaitingFlag(words[index - 1], flags, aliases)
  );
  return positional?.parameters[given.length]?.placeholder;
}

async function valuesFor(
  asking: Asking,
  command: string,
  placeholder: string | undefined,
  typed: string,
): Promise<readonly Candidate[]> {
  if (placeholder === undefined) return [];
  // Of values with commas between them the last one is completed.
  const done = typed.slice(0, typed.lastIndexOf(",") + 1);
  const values = FIXED[placeholder]?.map((word) => ({ word })) ??
    await inTheQueue(asking, command, placeholder);
  return startingWith(typed.slice(done.length), values)
    .map(({ word, ...rest }) => ({ word: `${done}${word}`, ...rest }));
}

/** A queue that cannot be read offers nothing: a person in the middle of a line wants no errors. */
async function inTheQueue(
  { context, location }: Asking,
  command: string,
  placeholder: string,
): Promise<readonly Candidate[]> {
  const find = IN_THE_QUEUE[placeholder];
  if (!find) return [];
  try {
    return await context.withQueueAt(location, (queue) => find(queue, command));
  } catch (error) {
    if (error instanceof QueueError) return [];
    throw error;
  }
}

function startingWith(
  beginning: string,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(beginning)).slice(0, MOST);
}
