import { QueueError, usage } from "../model/errors.ts";
import type { Context } from "./context.ts";

/**
 * Asks before something that cannot be undone.
 *
 * @param yes true if the command line has answered already
 * @throws {QueueError} `usage` where there is nobody to ask, `conflict` if the answer is no
 */
export function confirm(context: Context, question: string, yes: boolean | undefined): void {
  if (yes) return;
  const answer = context.ask(question);
  if (answer === undefined) {
    throw usage("this cannot be undone, and there is no terminal to ask", "--yes does it unasked");
  }
  if (!answer) throw new QueueError("conflict", "nothing was changed");
}
