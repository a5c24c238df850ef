import { type Output, printLine } from "./output.ts";
import type { Cell, Column } from "./table.ts";

/** Prints a table; what makes tables is loaded when the first one is printed. */
export async function printTable(
  output: Output,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  longText?: "cut" | "wrap",
): Promise<void> {
  const { formatTable } = await import("./table.ts");
  printLine(output.stdout, await formatTable(output, columns, rows, longText));
}
