/** What went wrong, in the words that the command line, `--json` and HTTP share. */
export type ErrorCode = "usage" | "not_found" | "conflict" | "corrupt" | "busy" | "internal";

/** An unknown word and the words that would have been known, for "did you mean". */
export interface Mistaken {
  readonly word: string;
  readonly among: readonly string[];
}

/**
 * The one error that people get to see: a code, one sentence, perhaps a hint.
 * Everything else that is thrown is a bug and is reported as `internal`.
 */
export class QueueError extends Error {
  override readonly name = "QueueError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint?: string,
    readonly mistaken?: Mistaken,
  ) {
    super(message);
  }
}

/** Wrong usage: an unknown word or a value that cannot be. */
export function usage(message: string, hint?: string): QueueError {
  return new QueueError("usage", message, hint);
}

/** More known words than this are no help. */
const MOST_LISTED = 30;

/**
 * An unknown word where one of a few was expected.
 *
 * @param hint where none of them is near, and they are too many to name
 */
export function unknownWord(
  what: string,
  word: string,
  among: readonly string[],
  hint?: string,
): QueueError {
  return new QueueError(
    "usage",
    `unknown ${what} '${word}'`,
    among.length <= MOST_LISTED ? `known are ${among.join(", ")}` : hint,
    { word, among },
  );
}

/** No job with this id. */
export function noSuchJob(id: string): QueueError {
  return new QueueError("not_found", `no job '${id}'`, "`queuectl list` shows the jobs there are");
}

/** A file that cannot be understood; it stays as it is. */
export function corrupt(file: string, line: number | undefined, what: string): QueueError {
  const where = line === undefined ? file : `${file}, line ${line}`;
  return new QueueError(
    "corrupt",
    `${where}: ${what}`,
    "nothing was changed; `queuectl doctor` says all that is wrong, and mends it with --repair",
  );
}

/** How many of them are shown. */
const EXAMPLES = 3;

/** The beginning of an id that several have. */
export function ambiguous(given: string, ids: readonly string[]): QueueError {
  const examples = ids.slice(0, EXAMPLES).map((id) => `'${id}'`).join(", ");
  const more = ids.length > EXAMPLES ? " and more" : "";
  return new QueueError(
    "conflict",
    `'${given}' could be ${examples}${more}`,
    "write more of the id",
  );
}

/** True if what was looked for is not there, or not any more. */
export function isNotFound(error: unknown): boolean {
  return error instanceof QueueError && error.code === "not_found";
}

/** True if somebody else has done something meanwhile, or what is there does not allow it. */
export function isConflict(error: unknown): boolean {
  return error instanceof QueueError && error.code === "conflict";
}

/** What anything that was thrown says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What an error of the operating system says, without its number and the rest. */
export function reasonOf(error: unknown): string {
  return messageOf(error).replace(/ \(os error \d+\).*$/, "");
}
