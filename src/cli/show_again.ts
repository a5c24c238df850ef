import type { Sink } from "./output.ts";

/** How often it is shown again, in milliseconds. */
const REDRAW_MS = 1_000;

const HOME = "\x1b[H";
const CLEAR = "\x1b[2J";
const CLEAR_TO_END_OF_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** Shows a text again and again: in place on a terminal, one behind the other in a pipe. */
export async function showAgain(stdout: Sink, format: () => Promise<string>): Promise<never> {
  if (stdout.isTerminal) stdout.write(CLEAR);
  for (;;) {
    const text = await format();
    if (stdout.isTerminal) {
      // A line more than there is room for would scroll the rest away.
      const lines = text.trimEnd().split("\n").slice(0, stdout.rows);
      stdout.write(
        `${HOME}${lines.join(`${CLEAR_TO_END_OF_LINE}\n`)}${CLEAR_TO_END_OF_LINE}${CLEAR_BELOW}`,
      );
    } else {
      stdout.write(text);
    }
    await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
  }
}
