import { quoteForSh } from "../worker/shell.ts";

const HARMLESS = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Words as one command line for the shell that will run it, each quoted where it must be, so that
 * the command gets them as they stand.
 */
export function quoteWords(words: readonly string[], os = Deno.build.os): string {
  return words.map(os === "windows" ? quoteForCmd : quoteIfNeeded).join(" ");
}

function quoteIfNeeded(word: string): string {
  return HARMLESS.test(word) ? word : quoteForSh(word);
}

/** As the C runtime of Windows programs takes words apart again. */
function quoteForCmd(word: string): string {
  if (/^[A-Za-z0-9_@+=:,./\\-]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}
