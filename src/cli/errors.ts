/** From whatever was thrown to one sentence and an exit code. */
import { QueueError } from "../model/errors.ts";
import { printLine, type Sink } from "./output.ts";

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
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new QueueError("internal", message, "this is a fault of queuectl; please report it");
}

/** Prints an error: a sentence and a hint or, with `--json`, one line of JSON. */
export async function printError(sink: Sink, error: QueueError, json: boolean): Promise<void> {
  const hint = await hintOf(error);
  if (json) {
    const { code, message } = error;
    printLine(sink, JSON.stringify({ error: message, code, hint: hint ?? null }));
    return;
  }
  printLine(sink, `queuectl: ${error.message}`);
  if (hint) printLine(sink, `  ${hint}`);
}

/** More changes than this from a known word, and it was not meant. */
const FARTHEST = 3;

async function hintOf({ hint, mistaken }: QueueError): Promise<string | undefined> {
  if (!mistaken) return hint;
  const { closest, distance } = await import("fastest-levenshtein");
  const word = mistaken.word.toLowerCase().replaceAll("-", "_");
  const known = mistaken.among.map((each) => each.replaceAll("-", "_"));
  if (known.length === 0) return hint;
  const nearest = closest(word, known);
  const isNear = distance(word, nearest) <= Math.min(FARTHEST, Math.ceil(word.length / 2)) ||
    (word.length > 2 && nearest.startsWith(word));
  if (!isNear) return hint;
  const meant = mistaken.among[known.indexOf(nearest)]!;
  return `did you mean ${meant}?${hint ? ` (${hint})` : ""}`;
}
