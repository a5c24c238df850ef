/** On which line of a JSON file something is, or is wrong. */
import { messageOf } from "./errors.ts";

/** Where JSON stops being JSON, and why, in words without the surrounding text. */
export function describeSyntaxError(
  text: string,
  error: unknown,
): { line: number | undefined; what: string } {
  const message = messageOf(error);
  if (text.trim() === "") return { line: undefined, what: "the file is empty" };
  const position = /at position (\d+)/.exec(message)?.[1];
  const end = position === undefined ? text.length : Number(position);
  const line = text.slice(0, end).split("\n").length;
  return { line, what: `this is no JSON (${message.replace(/,? (in JSON )?at position.*$/, "")})` };
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
