/** Tables: boxes and colours on a terminal, plain columns in a pipe. */
import Table from "cli-table3";
import stringWidth from "string-width";
import { type Output, visible } from "./output.ts";

/** A cell, and the colour that helps the eye; the word says it already. */
export interface Cell {
  readonly text: string;
  readonly colour?: "red" | "green" | "yellow" | "blue" | "magenta" | "gray";
}

export interface Column {
  readonly title: string;
  readonly align?: "right";
}

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, gray: 90 } as const;

/** What a pipe gets: no lines, two spaces between columns. */
const PLAIN = {
  "top": "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  "bottom": "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  "left": "",
  "left-mid": "",
  "mid": "",
  "mid-mid": "",
  "right": "",
  "right-mid": "",
  "middle": "  ",
} as const;

const BOX_PADDING = 3;
const NARROWEST_COLUMN = 12;

/**
 * A table as text. On a terminal the last column is cut or wrapped so that a row fits on a line;
 * in a pipe nothing is.
 */
export function formatTable(
  output: Output,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  longText: "cut" | "wrap" = "cut",
): string {
  const { isTerminal, columns: width } = output.stdout;
  const plain = rows.map((row) => row.map((cell) => visible(cell.text)));
  const options: Table.TableConstructorOptions = {
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: {
      head: [],
      border: [],
      compact: true,
      ...(isTerminal ? {} : { "padding-left": 0, "padding-right": 0 }),
    },
    ...(isTerminal ? {} : { chars: PLAIN }),
  };
  const table = new Table({
    ...options,
    wordWrap: longText === "wrap",
    ...(isTerminal ? { colWidths: widths(columns, plain, width) } : {}),
  });
  const paint = isTerminal && output.colours;
  for (const [index, row] of rows.entries()) {
    table.push(row.map(({ colour }, column) => {
      const text = plain[index]![column]!;
      return colour && paint ? `\x1b[${CODES[colour]}m${text}\x1b[39m` : text;
    }));
  }
  const text = table.toString();
  return isTerminal ? text : text.split("\n").map((line) => line.trimEnd()).join("\n");
}

/**
 * Natural widths, except that the first column (the id) gets a third of the line at most, and the
 * last column what is left of it.
 */
function widths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): (number | null)[] {
  const natural = columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, stringWidth(row[index]!)), title.length)
  );
  const widestFirst = Math.max(NARROWEST_COLUMN, Math.floor(width / 3));
  const first = Math.min(natural[0]!, widestFirst);
  const others = [first, ...natural.slice(1, -1)];
  const left = width - others.reduce((sum, each) => sum + each + BOX_PADDING, 0) - 2;
  const last = natural.at(-1)! + BOX_PADDING - 1;
  return [
    natural[0]! > first ? first + BOX_PADDING - 1 : null,
    ...natural.slice(1, -1).map(() => null),
    last > left ? Math.max(NARROWEST_COLUMN, left) : null,
  ];
}
