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
import { messageOf, QueueError, usage } from "../model/errors.ts";
import { forgottenDashes } from "./forgotten_dashes.ts";
import { GROUPS } from "./words.ts";

/**
 * @param words the command line, as the command tree was given it
 */
export function parseError(error: unknown, words: readonly string[]): QueueError {
  const forgotten = forgottenDashes(words);
  if (error instanceof ArgumentParseError) {
    const inner = error.exception;
    if (!(inner instanceof QueueError)) return usage(error.message, helpOf(words));
    return forgotten === undefined ? inner : usage(inner.message, forgotten);
  }
  if (error instanceof FlagNotFoundError) {
    const hint = forgotten ?? didYouMean(error.corrections, "--") ?? helpOf(words);
    return usage(`unknown flag '--${error.input}'`, hint);
  }
  if (error instanceof AliasNotFoundError) {
    return usage(`unknown flag '-${error.input}'`, forgotten ?? helpOf(words));
  }
  if (error instanceof UnsatisfiedFlagError) {
    return usage(`--${error.externalFlagName} needs a value`, forgotten);
  }
  if (error instanceof UnexpectedFlagError) {
    return usage(`--${error.externalFlagName} is given twice`, forgotten);
  }
  if (error instanceof UnexpectedPositionalError) {
    const schedules = words[0] === "schedule" && words[1] === "add";
    const hint = schedules ? "a command stands behind --, or in --command" : helpOf(words);
    return usage(`unexpected word '${error.input}'`, forgotten ?? hint);
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return usage(`${error.placeholder} is missing`, helpOf(words));
  }
  return usage(messageOf(error), helpOf(words));
}

function helpOf([first, second]: readonly string[]): string {
  const named = first === undefined || first.startsWith("-") ? "COMMAND" : first;
  const isNamed = GROUPS.includes(named) && second !== undefined && !second.startsWith("-");
  return `\`queuectl help ${isNamed ? `${named} ${second}` : named}\` shows what it knows`;
}

/** What other queues call it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  add: "enqueue",
  submit: "enqueue",
  push: "enqueue",
  ls: "list",
  ps: "list",
  kill: "cancel",
  stop: "worker stop",
  start: "worker start",
  work: "worker start",
  parallel: "worker start --count",
  workers: "worker list",
  run: "enqueue --",
  exec: "enqueue --",
  hold: "edit --run-at",
  stash: "edit --run-at",
  urgent: "edit --priority",
  priority: "edit --priority",
  unpause: "resume",
  jobs: "list",
  history: "list",
  queue: "list",
  abort: "cancel",
  requeue: "retry",
  cat: "logs",
  output: "logs",
  watch: "status --watch",
  top: "status --watch",
  set: "config set",
  get: "config get",
  rm: "delete",
  remove: "delete",
  clean: "prune",
  clear: "prune",
  restart: "retry",
  tail: "logs --follow",
  follow: "logs --follow",
  log: "logs",
  info: "show",
  stats: "metrics",
  dashboard: "web",
  cron: "schedule",
};

/** And inside of a group of commands. */
const ELSEWHERE_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dlq: {
    ls: "dlq list",
    rm: "dlq delete",
    remove: "dlq delete",
    clean: "dlq purge",
    clear: "dlq purge",
    restart: "dlq retry",
  },
  schedule: {
    ls: "schedule list",
    rm: "schedule remove",
    delete: "schedule remove",
    trigger: "schedule run",
  },
  worker: {
    ls: "worker list",
    ps: "worker list",
    kill: "worker stop --force",
    log: "worker logs",
    run: "worker start",
    work: "worker start",
  },
  config: { ls: "config list", rm: "config unset", remove: "config unset", delete: "config unset" },
};

/**
 * @param words the command line, as the command tree was given it
 */
export function unknownCommand(
  input: string,
  corrections: readonly string[],
  words: readonly string[],
): QueueError {
  const group = GROUPS.find((name) => name === words[0] && input !== name);
  const names = (group === undefined ? ELSEWHERE : ELSEWHERE_IN[group]) ?? {};
  const here = Object.hasOwn(names, input) ? names[input] : undefined;
  if (here) return usage(`unknown command '${input}'`, `here it is \`queuectl ${here}\``);
  const meant = didYouMean(
    corrections.map((name) => name.replaceAll("`", "")).filter((name) => isLikely(input, name)),
    "",
  );
  const known = group === undefined ? "queuectl --help" : `queuectl help ${group}`;
  return usage(`unknown command '${input}'`, meant ?? `\`${known}\` lists the commands`);
}

/** A slip of the finger is rarely in the first letter; and what cannot be undone is not proposed. */
function isLikely(given: string, name: string): boolean {
  return given[0] === name[0] && name !== "reset" && name !== "purge";
}

function didYouMean(words: readonly string[], prefix: string): string | undefined {
  if (words.length === 0) return undefined;
  return `did you mean ${words.map((word) => prefix + word).join(" or ")}?`;
}
