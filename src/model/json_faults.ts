/** On which line of a JSON file something is, or is wrong. */
import { messageOf } from "./errors.ts";

/** Where JSON stops being JSON, and why, in words without the surrounding text. */
export function describeSyntaxError(
  text: string,
  error: unknown,
): { line: number | undefined; what: string } {
  const message = messageOf(error);
  if (text.trim() === "") return { line: undefined, what: "the file is empty" };
  const line = text.slice(0, positionIn(message) ?? firstFault(text)).split("\n").length;
  // Behind the fault the engine repeats some of the text.
  const why = message.replace(/,? (in JSON )?at position[^]*$/, "").replace(
    /, (\.\.\.)?"[^]*$/,
    "",
  );
  return { line, what: `this is no JSON (${why})` };
}

function positionIn(message: string): number | undefined {
  const position = /at position (\d+)/.exec(message)?.[1];
  return position === undefined ? undefined : Number(position);
}

/**
 * Where JSON stops being JSON, for which not every message has a number: behind the longest beginning
 * that could still become some.
 */
function firstFault(text: string): number {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isBeginning(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = messageOf(error);
    const position = positionIn(message) ?? (/end of JSON input/.test(message) ? text.length : 0);
    return position >= text.length;
  }
}

/** The line on which each element of a JSON array begins, however it is laid out. */
export function linesOfItems(text: string): readonly number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let inText = false;
  let awaited = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === "\n") line++;
    if (inText) {
      if (character === "\\") i++;
      else if (character === '"') inText = false;
      continue;
    }
    if (/\s/.test(character)) continue;
    if (awaited && character !== "]") lines.push(line);
    awaited = depth === 1 ? character === "," : depth === 0 && character === "[";
    if (character === '"') inText = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
  }
  return lines;
}
