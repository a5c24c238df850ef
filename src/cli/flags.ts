/** How the values of flags and arguments are read: text in, a checked value out. */
import { parseDuration } from "../model/duration.ts";
import { usage } from "../model/errors.ts";
import { checkState } from "../model/fields.ts";
import type { State } from "../model/job.ts";

/** A flag that takes a value, at most once. */
export function value<T>(
  parse: (text: string) => T,
  placeholder: string,
  brief: string,
): {
  kind: "parsed";
  parse: (text: string) => T;
  placeholder: string;
  brief: string;
  optional: true;
} {
  return { kind: "parsed", parse, placeholder, brief, optional: true };
}

/** A flag that takes a value and may be repeated. */
export function values<T>(
  parse: (text: string) => T,
  placeholder: string,
  brief: string,
): {
  kind: "parsed";
  parse: (text: string) => T;
  placeholder: string;
  brief: string;
  optional: true;
  variadic: true;
} {
  return { kind: "parsed", parse, placeholder, brief, optional: true, variadic: true };
}

/** A flag without a value. */
export function toggle(
  brief: string,
): { kind: "boolean"; brief: string; optional: true; withNegated: false } {
  return { kind: "boolean", brief, optional: true, withNegated: false };
}

/** A table of flags: without a prototype, so that `--constructor` is as unknown as any other. */
export function table<T extends object>(entries: T): T {
  return Object.assign(Object.create(null), entries);
}

export const JSON_FLAG = toggle("Print one JSON document");

export const WATCH_FLAG = toggle("Show it again every second, until Ctrl-C");

/** Text as it is. */
export function text(input: string): string {
  return input;
}

/** A whole number in a range. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (input) => {
    const number = Number(input);
    if (!/^[+-]?\d+$/.test(input.trim()) || number < min || number > max) {
      throw usage(`${name} must be a whole number from ${min} to ${max}, not '${input}'`);
    }
    return number;
  };
}

/** Seconds, from a number or a duration such as `1h30m`. */
export function duration(name: string): (text: string) => number {
  return (input) => parseDuration(input, name);
}

/** What other queues call a state. */
const STATES_ELSEWHERE: Readonly<Record<string, State>> = {
  queued: "pending",
  waiting: "pending",
  running: "processing",
  active: "processing",
  done: "completed",
  finished: "completed",
  success: "completed",
  killed: "cancelled",
  canceled: "cancelled",
};

/** States, one or several with commas between them. */
export function states(input: string): readonly State[] {
  return input.split(",").map((given) => {
    const word = given.trim().toLowerCase();
    const here = Object.hasOwn(STATES_ELSEWHERE, word) ? STATES_ELSEWHERE[word] : undefined;
    if (here) throw usage(`unknown state '${word}'`, `here it is ${here}`);
    return checkState(word);
  });
}

/** Texts with commas between them. */
export function commaSeparated(input: string): readonly string[] {
  return input.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

/** The same, at least one: an empty variable of a script must not stand for all there are. */
export function someOf(name: string): (input: string) => readonly string[] {
  return (input) => {
    const words = commaSeparated(input);
    if (words.length === 0) throw usage(`${name} is empty`);
    return words;
  };
}

/** A variable for a command; without a value it is the one of the environment here. */
export type Variable = readonly [name: string, value: string | undefined];

/** `NAME=VALUE`, or `NAME` alone. */
export function variable(input: string): Variable {
  const equals = input.indexOf("=");
  if (input === "" || equals === 0) throw usage(`'${input}' is no NAME=VALUE`);
  return equals < 0 ? [input, undefined] : [input.slice(0, equals), input.slice(equals + 1)];
}

/** One of a few words. */
export function oneOf<T extends string>(name: string, words: readonly T[]): (text: string) => T {
  return (input) => {
    const word = words.find((word) => word === input);
    if (!word) throw usage(`${name} must be ${words.join(" or ")}, not '${input}'`);
    return word;
  };
}
