/** What the command tree could not understand, in our words. */
import {
  AliasNotFoundError,
  ArgumentParseError,
  FlagNotFoundError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { CONFIG_SPELLINGS } from "../model/config.ts";
import { messageOf, QueueError, usage } from "../model/errors.ts";
import { STATES } from "../model/job.ts";
import { COMMANDS, COMMANDS_IN, flagHere } from "./elsewhere.ts";
import { forgottenDashes } from "./forgotten_dashes.ts";
import { GROUPS } from "./words.ts";

/**
 * @param words the command line, as the command tree was given it
 * @param typed as it was typed
 */
export function parseError(
  error: unknown,
  words: readonly string[],
  typed: readonly string[],
): QueueError {
  const forgotten = forgottenDashes(typed);
  if (error instanceof ArgumentParseError) {
    const inner = error.exception;
    if (!(inner instanceof QueueError)) return usage(error.message, helpOf(words));
    return forgotten === undefined ? inner : usage(inner.message, forgotten);
  }
  if (error instanceof FlagNotFoundError) {
    const likely = error.corrections.filter((name) => isLikely(error.input, name));
    const meant = flagHere(commandOf(words), error.input) ?? didYouMean(likely, "--");
    return unknownFlag(`--${error.input}`, forgotten ?? meant, words);
  }
  if (error instanceof AliasNotFoundError) {
    const meant = flagHere(commandOf(words), error.input);
    return unknownFlag(`-${error.input}`, forgotten ?? meant, words);
  }
  if (error instanceof UnsatisfiedFlagError) {
    return usage(`--${error.externalFlagName} needs a value`, forgotten);
  }
  if (error instanceof UnexpectedFlagError) {
    return usage(`--${error.externalFlagName} is given twice`, forgotten);
  }
  if (error instanceof UnexpectedPositionalError) {
    if (error.input.startsWith("-")) return noSuchFlag(error.input, forgotten, words);
    const hint = forgotten ?? meantBy(error.input, commandOf(words)) ?? helpOf(words);
    return usage(`unexpected word '${error.input}'`, hint);
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return usage(`${error.placeholder} is missing`, helpOf(words));
  }
  return usage(messageOf(error), helpOf(words));
}

function unknownFlag(flag: string, hint: string | undefined, words: readonly string[]): QueueError {
  return usage(`unknown flag '${flag}'`, hint ?? helpOf(words));
}

/**
 * For a word such as `-j4`.
 *
 * @param words the command line, as the command tree was given it
 */
export function noSuchFlag(
  word: string,
  hint: string | undefined,
  words: readonly string[],
): QueueError {
  const name = /^--?([A-Za-z][a-z-]*)/.exec(word)?.[1] ?? "";
  const command = commandOf(words);
  return unknownFlag(
    word,
    hint ?? flagHere(command, name) ?? flagHere(command, name[0] ?? ""),
    words,
  );
}

/** What somebody may have meant by a word that a command does not take. */
function meantBy(word: string, command: string): string | undefined {
  switch (command) {
    case "schedule add":
      return /^[\d*/,-]+$/.test(word)
        ? `the pattern is one word: --cron "0 3 * * *"`
        : "a command stands behind --, or in --command";
    case "worker start":
      return /^\d+$/.test(word) ? `--count ${word} starts that many` : undefined;
    case "worker stop":
      return `--id ${word} stops one of them`;
    case "list":
      return isState(word)
        ? `--state ${word} lists those`
        : `--tag ${word} lists the jobs with that tag`;
    default:
      return undefined;
  }
}

function isState(word: string): boolean {
  return (STATES as readonly string[]).includes(word);
}

/** The words that name the command. */
function commandOf([first = "", second = ""]: readonly string[]): string {
  return GROUPS.includes(first) ? `${first} ${second}` : first;
}

function helpOf([first, second]: readonly string[]): string {
  const named = first === undefined || first.startsWith("-") ? "COMMAND" : first;
  const isNamed = GROUPS.includes(named) && second !== undefined && !second.startsWith("-");
  return `\`queuectl help ${isNamed ? `${named} ${second}` : named}\` shows what it knows`;
}

/**
 * @param words the command line, as the command tree was given it
 */
export function unknownCommand(
  input: string,
  corrections: readonly string[],
  words: readonly string[],
): QueueError {
  const group = GROUPS.find((name) => name === words[0] && input !== name);
  const names = (group === undefined ? COMMANDS : COMMANDS_IN[group]) ?? {};
  const here = Object.hasOwn(names, input) ? names[input] : undefined;
  if (here) return usage(`unknown command '${input}'`, `here it is \`queuectl ${here}\``);
  if (input.startsWith("-")) {
    const meant = input === "-v"
      ? "`queuectl --version` tells the version"
      : "a command comes first: `queuectl list`, say";
    return unknownFlag(input, meant, []);
  }
  if (group === "config" && isSetting(input)) {
    const how = words.length > 2 ? `set ${input} ${words[2]}` : `get ${input}`;
    return usage(`unknown command '${input}'`, `here it is \`queuectl config ${how}\``);
  }
  const meant = didYouMean(
    corrections.map((name) => name.replaceAll("`", "")).filter((name) => isLikely(input, name)),
    "",
  );
  const known = group === undefined ? "queuectl --help" : `queuectl help ${group}`;
  return usage(`unknown command '${input}'`, meant ?? `\`${known}\` lists the commands`);
}

function isSetting(word: string): boolean {
  return CONFIG_SPELLINGS.includes(word.toLowerCase().replaceAll("-", "_"));
}

/** A slip of the finger is rarely in the first letter; and what cannot be undone is not proposed. */
function isLikely(given: string, name: string): boolean {
  return given[0] === name[0] && name !== "reset" && name !== "purge";
}

function didYouMean(words: readonly string[], prefix: string): string | undefined {
  if (words.length === 0) return undefined;
  return `did you mean ${words.map((word) => prefix + word).join(" or ")}?`;
}
