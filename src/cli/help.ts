/** What `--help` prints, from the command tree itself. */
import type { Command, CommandContext, RouteMap } from "@stricli/core";
import { EXAMPLES } from "./examples.ts";
import { GLOBAL_FLAGS, takesCommand } from "./words.ts";

const INDENT = "  ";
const GAP = 2;
const NARROWEST_TEXT = 24;

/** The help of a command or a group of commands, wrapped to a width. */
export function formatHelp<C extends CommandContext>(
  target: Command<C> | RouteMap<C>,
  prefix: readonly string[],
  width: number,
): string {
  const name = prefix.join(" ");
  const lines = "parameters" in target
    ? commandHelp(target, name, width)
    : groupHelp(target, name, width);
  return `${lines.join("\n")}\n`;
}

function groupHelp<C extends CommandContext>(
  group: RouteMap<C>,
  name: string,
  width: number,
): readonly string[] {
  const rows = group.getAllEntries().filter((entry) => !entry.hidden)
    .map((entry) =>
      [[entry.name.original, ...entry.aliases].join(", "), entry.target.brief] as const
    );
  return [
    group.brief,
    "",
    `usage: ${name} COMMAND [...]`,
    "",
    "commands",
    ...twoColumns(rows, width),
    "",
    ...globalHelp(width, !name.includes(" ")),
  ];
}

/** @param isWhole for the program, not one of its commands */
function globalHelp(width: number, isWhole = false): readonly string[] {
  return [
    "on every command",
    ...twoColumns([
      ...Object.entries(GLOBAL_FLAGS).map(([name, { placeholder, brief }]) =>
        [`--${name} ${placeholder}`, brief] as const
      ),
      ["-h, --help", "Show what a command does"],
      ...(isWhole ? [["-V, --version", "Print the version"] as const] : []),
    ], width),
  ];
}

/** What of a flag's definition help shows. */
interface ShownFlag {
  readonly brief: string;
  readonly placeholder?: string;
  readonly hidden?: boolean;
  readonly variadic?: boolean | string;
}

function commandHelp<C extends CommandContext>(
  command: Command<C>,
  name: string,
  width: number,
): readonly string[] {
  const { flags = {}, aliases = {}, positional } = command.parameters;
  const shortOf = new Map(Object.entries(aliases).map(([short, long]) => [long, short]));
  const rows = Object.entries(flags as Record<string, ShownFlag>)
    .filter(([, flag]) => !flag.hidden)
    .map(([long, flag]) => {
      const short = shortOf.get(long);
      const value = flag.placeholder ? ` ${flag.placeholder}` : "";
      const brief = flag.variadic ? `${flag.brief} (repeatable)` : flag.brief;
      return [`${short ? `-${short}, ` : ""}--${long}${value}`, brief] as const;
    });
  const args = positional === undefined ? [] : positional.kind === "array"
    ? [
      (positional.minimum ?? 0) > 0
        ? `${positional.parameter.placeholder ?? "ARG"}...`
        : `[${positional.parameter.placeholder ?? "ARG"}...]`,
    ]
    : positional.parameters.map(({ placeholder = "ARG", optional }) =>
      optional ? `[${placeholder}]` : placeholder
    );
  const examples = EXAMPLES[name.split(" ").slice(1).join(" ")] ?? [];
  return [
    ...wrap(command.brief, width),
    ...(command.fullDescription ? wrap(command.fullDescription, width) : []),
    "",
    [
      "usage:",
      name,
      ...args,
      ...(rows.length > 0 ? ["[flags]"] : []),
      ...(takesCommand(name.split(" ").slice(1)) ? ["[-- COMMAND ARGS...]"] : []),
    ].join(" "),
    ...(rows.length > 0 ? ["", "flags", ...twoColumns(rows, width)] : []),
    "",
    ...globalHelp(width),
    ...(examples.length > 0
      ? ["", "examples", ...examples.map((example) => `${INDENT}${name} ${example}`.trimEnd())]
      : []),
  ];
}

function twoColumns(
  rows: readonly (readonly [string, string])[],
  width: number,
): readonly string[] {
  const left = Math.max(...rows.map(([first]) => first.length)) + GAP;
  const room = Math.max(NARROWEST_TEXT, width - INDENT.length - left);
  return rows.flatMap(([first, second]) =>
    wrap(second, room).map((line, index) =>
      `${INDENT}${(index === 0 ? first : "").padEnd(left)}${line}`.trimEnd()
    )
  );
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
