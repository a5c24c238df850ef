/** From whatever was thrown to one sentence and an exit code. */
import { type Mistaken, QueueError } from "../model/errors.ts";
import { printLine, type Sink, visible } from "./output.ts";

export const EXIT_USAGE = 2;
export const EXIT_FAILED = 1;
export const EXIT_TIMEOUT = 124;
export const EXIT_SIGINT = 130;
export const EXIT_SIGTERM = 143;

export function exitCodeOf(error: QueueError): number {
  return error.code === "usage" ? EXIT_USAGE : EXIT_FAILED;
}

/** Anything thrown, as an error for people; what is no {@link QueueError} is a bug, and says so. */
export function asQueueError(error: unknown): QueueError {
  if (error instanceof QueueError) return error;
  if (isNotAllowed(error)) {
    return new QueueError("internal", `Deno does not let this through: ${error.message}`);
  }
  if (error instanceof Deno.errors.InvalidData) {
    return new QueueError("internal", `the name of a directory or a variable is no UTF-8`);
  }
  if (error instanceof Error && /\(os error \d+\)/.test(error.message)) {
    return new QueueError("internal", error.message.replace(/ ?\(os error \d+\)/, ""));
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new QueueError("internal", message, "this is a fault of queuectl; please report it");
}

/** A module that may not be read is told of by another error than any other file. */
function isNotAllowed(error: unknown): error is Error {
  return error instanceof Deno.errors.NotCapable ||
    (error instanceof TypeError && /^Requires \w+ access to /.test(error.message));
}

/** Prints an error: a sentence and a hint or, with `--json`, one line of JSON. */
export async function printError(sink: Sink, error: QueueError, json: boolean): Promise<void> {
  const hint = await hintOf(error);
  if (json) {
    const { code, message } = error;
    printLine(sink, JSON.stringify({ error: message, code, hint: hint ?? null }));
    return;
  }
  printLine(sink, `queuectl: ${visible(error.message)}`);
  if (hint) printLine(sink, `  ${hint}`);
}

/** More changes than this from a known word, and it was not meant. */
const FARTHEST = 3;

const SHORTEST_BEGINNING = 3;

async function hintOf({ hint, mistaken }: QueueError): Promise<string | undefined> {
  const meant = mistaken && await nearest(mistaken);
  if (meant === undefined) return hint;
  return `did you mean ${meant}?`;
}

/** The known word that was probably meant: one that begins so, or one that is nearly the same. */
async function nearest({ word, among }: Mistaken): Promise<string | undefined> {
  const plain = (text: string): string => text.toLowerCase().replaceAll("-", "_");
  const given = plain(word);
  const longer = among.find((each) =>
    given.length >= SHORTEST_BEGINNING && plain(each).startsWith(given)
  );
  if (longer !== undefined || among.length === 0) return longer;
  const { closest, distance } = await import("fastest-levenshtein");
  const found = closest(given, among.map(plain));
  const isNear = distance(given, found) <= Math.min(FARTHEST, Math.ceil(given.length / 2));
  return isNear ? among.find((each) => plain(each) === found) : undefined;
}
