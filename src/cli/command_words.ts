import { usage } from "../model/errors.ts";
import { checkCommand } from "../model/fields.ts";
import type { Context } from "./context.ts";
import { quoteWords } from "./quote.ts";

/** What the name of a program rarely has, and a line for the shell often. */
const SHELL_SYNTAX = /[\s;|&<>$`]/;

/**
 * The command that is given as words behind `--`.
 *
 * @param done what becomes of it all the same if it looks like a line for the shell
 * @throws {QueueError} `usage` if there is none
 */
export function commandOfWords(
  { warn }: Context,
  words: readonly string[],
  done: "enqueued" | "scheduled" | "changed",
): string {
  const [program = ""] = words;
  if (program === "") throw usage("there is no command behind --");
  if (words.length === 1 && SHELL_SYNTAX.test(program)) {
    warn(
      `${done}, but one word behind -- is the name of a program: a line for the shell needs --command`,
    );
  }
  return checkCommand(quoteWords(words));
}
