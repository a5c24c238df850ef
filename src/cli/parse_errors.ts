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

const HINT = "`queuectl help COMMAND` shows what a command knows";

export function parseError(error: unknown): QueueError {
  if (error instanceof ArgumentParseError) {
    const inner = error.exception;
    return inner instanceof QueueError ? inner : usage(error.message, HINT);
  }
  if (error instanceof FlagNotFoundError) {
    return usage(`unknown flag '--${error.input}'`, didYouMean(error.corrections, "--"));
  }
  if (error instanceof AliasNotFoundError) return usage(`unknown flag '-${error.input}'`, HINT);
  if (error instanceof UnsatisfiedFlagError) {
    return usage(`--${error.externalFlagName} needs a value`);
  }
  if (error instanceof UnexpectedFlagError) {
    return usage(`--${error.externalFlagName} is given twice`);
  }
  if (error instanceof UnexpectedPositionalError) {
    return usage(`unexpected word '${error.input}'`, HINT);
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return usage(`${error.placeholder} is missing`, HINT);
  }
  return usage(messageOf(error), HINT);
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
  run: "worker start",
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

export function unknownCommand(input: string, corrections: readonly string[]): QueueError {
  const here = Object.hasOwn(ELSEWHERE, input) ? ELSEWHERE[input] : undefined;
  if (here) return usage(`unknown command '${input}'`, `here it is \`queuectl ${here}\``);
  const names = corrections.map((name) => name.replaceAll("`", ""));
  return usage(
    `unknown command '${input}'`,
    names.length > 0 ? didYouMean(names, "") : "`queuectl --help` lists the commands",
  );
}

function didYouMean(words: readonly string[], prefix: string): string {
  if (words.length === 0) return HINT;
  return `did you mean ${words.map((word) => prefix + word).join(" or ")}?`;
}
