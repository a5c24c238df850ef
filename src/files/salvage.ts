import { amountsTo, decode, type Line, statedCheck } from "./journal_line.ts";

/** A line of a journal that cannot be used. */
interface BadLine {
  /** Counted from 1, behind the header. */
  readonly line: number;
  readonly what: string;
}

/**
 * Reads every line of a journal that can still be trusted: one that continues what the line
 * before it states, or what that line's text amounts to.
 *
 * @param bytes the journal behind its header
 * @param chain what the first line continues; undefined if the header is lost
 * @param apply called for each good line, in order
 */
export function salvageLines(
  bytes: Uint8Array,
  chain: string | undefined,
  apply: (line: Line) => void,
): readonly BadLine[] {
  const texts = new TextDecoder().decode(bytes).split("\n");
  const unfinished = texts.pop();
  const bad: BadLine[] = [];
  let chains = chain === undefined ? [] : [chain];
  for (const [index, text] of texts.entries()) {
    const line = chains.map((each) => decode(text, each)).find((found) => found !== undefined);
    if (line) apply(line);
    else bad.push({ line: index + 1, what: "the line is damaged" });
    const stated = statedCheck(text);
    chains = [
      ...(stated === undefined ? [] : [stated]),
      ...(line ? [] : chains.map((each) => amountsTo(text, each))),
    ];
  }
  if (unfinished) {
    bad.push({
      line: texts.length + 1,
      what: "the last line was not finished when something died",
    });
  }
  return bad;
}
