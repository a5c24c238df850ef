/** Tables: boxes and colours on a terminal, plain columns in a pipe. */
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
  /** Cut when nothing else can be any more: people type it elsewhere. */
  readonly isWhole?: boolean;
  /** Left out on a terminal that has no room for all of them. */
  readonly isSpare?: boolean;
}

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, gray: 90 } as const;

/** What stands between two columns in a pipe. */
const GAP = "  ";

/** The line and the two spaces that each column costs in a box. */
const BOX_PADDING = 3;
const NARROWEST_COLUMN = 8;
const NARROW_LAST = 14;

/**
 * A table as text. On a terminal the widest columns are cut, or wrapped, so that a row fits on a
 * line; in a pipe nothing is.
 */
export async function formatTable(
  output: Output,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  longText: "cut" | "wrap" = "cut",
): Promise<string> {
  const texts = rows.map((row) => row.map((cell) => visible(cell.text)));
  const natural = columns.map(({ title }, index) =>
    texts.reduce((widest, row) => Math.max(widest, stringWidth(row[index]!)), title.length)
  );
  if (!output.stdout.isTerminal) return formatColumns(columns, texts, natural);
  const line = output.stdout.columns;
  if (excessOf(natural, line) > 0 && columns.some(({ isSpare }) => isSpare)) {
    const stays = (_: unknown, index: number): boolean => !columns[index]!.isSpare;
    const shorter = rows.map((row) => row.filter(stays));
    return formatTable(output, columns.filter(stays), shorter, longText);
  }
  const { default: Table } = await import("cli-table3");
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? "left"),
    colWidths: fit(columns, natural, line).map((width) => width + BOX_PADDING - 1),
    wordWrap: longText === "wrap",
    style: { head: [], border: [], compact: true },
  });
  for (const [index, row] of rows.entries()) {
    table.push(row.map(({ colour }, column) => {
      const text = texts[index]![column]!;
      return colour && output.colours ? `\x1b[${CODES[colour]}m${text}\x1b[39m` : text;
    }));
  }
  return table.toString();
}

/** Columns for a pipe: the table library would take a second for a thousand rows. */
function formatColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  return [columns.map(({ title }) => title), ...rows].map((row) =>
    row.map((text, index) => {
      const space = " ".repeat(widths[index]! - stringWidth(text));
      return columns[index]!.align === "right" ? space + text : text + space;
    }).join(GAP).trimEnd()
  ).join("\n");
}

/** By how much a row would not fit on the line. */
function excessOf(widths: readonly number[], line: number): number {
  return widths.reduce((sum, width) => sum + width + BOX_PADDING, 1) - line;
}

/**
 * The natural widths, made narrower until a row fits on a line: the last column first, as it is
 * what one can do without, then the widest of those that need not be whole, then of all.
 */
function fit(
  columns: readonly Column[],
  natural: readonly number[],
  line: number,
): readonly number[] {
  const widths = natural.map((width) => Math.min(width, line));
  for (let excess = excessOf(widths, line); excess > 0; excess--) {
    const last = widths.length - 1;
    const spare = widths.map((width, index) => columns[index]!.isWhole ? 0 : width);
    const among = Math.max(...spare) > NARROWEST_COLUMN ? spare : widths;
    const widest = widths[last]! > NARROW_LAST ? last : among.indexOf(Math.max(...among));
    if (widths[widest]! <= NARROWEST_COLUMN) break;
    widths[widest]!--;
  }
  return widths;
}
