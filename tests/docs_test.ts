/** The reference, held against the program. */
import assert from "node:assert/strict";
import type { Command, RouteMap } from "@stricli/core";
import { loadCommandTree } from "../src/cli/commands.ts";
import type { Context } from "../src/cli/context.ts";
import { CONFIG_KEYS, SETTINGS } from "../src/model/config.ts";
import type { Job } from "../src/model/job.ts";
import { ROOT } from "./support/cli.ts";

const REFERENCE = Deno.readTextFileSync(`${ROOT}docs/reference.md`);

/** The part of the reference under a heading, up to the next of the same or a higher level. */
function section(heading: string): string {
  const begin = REFERENCE.indexOf(`\n${heading}\n`);
  assert.ok(begin >= 0, heading);
  const level = heading.slice(0, heading.indexOf(" "));
  const rest = REFERENCE.slice(begin + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level.length}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** First cells of the rows of all tables in a text, without the heads. */
function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell]) => cell!);
}

interface Described {
  readonly name: string;
  readonly flags: readonly string[];
}

function commandsOf(target: RouteMap<Context> | Command<Context>, name: string): Described[] {
  if ("parameters" in target) {
    const flags = (target.parameters.flags ?? {}) as Record<string, { hidden?: boolean }>;
    const shown = Object.entries(flags).filter(([, flag]) => !flag.hidden).map(([flag]) => flag);
    return [{ name, flags: shown.map((flag) => `--${flag}`) }];
  }
  return target.getAllEntries().flatMap((entry) =>
    commandsOf(entry.target, `${name} ${entry.name.original}`.trim())
  );
}

/** The rows of the reference from the one of a command to the one of the next, as text. */
function rowsOf(name: string, all: readonly Described[]): string {
  const lines = section("## Commands").split("\n").filter((line) => line.startsWith("|"));
  const startsWith = (line: string, command: string): boolean =>
    new RegExp(`^\\|.*\`${command}[ \`]`).test(line.split(" | ")[0]! + " ");
  const begin = lines.findIndex((line) => startsWith(line, name));
  assert.ok(begin >= 0, `${name} is not in the reference`);
  const others = all.filter((each) => each.name !== name);
  const length = lines.slice(begin + 1).findIndex((line) =>
    line.startsWith("| command") || others.some((other) => startsWith(line, other.name))
  );
  return lines.slice(begin, length < 0 ? undefined : begin + 1 + length).join("\n");
}

Deno.test("the reference names every command with every flag, and no other", async () => {
  const all = commandsOf(await loadCommandTree(undefined), "");
  assert.ok(all.length > 25);
  for (const { name, flags } of all) {
    const rows = rowsOf(name, all);
    for (const flag of flags) assert.ok(rows.includes(`\`${flag}\``), `${name} ${flag}`);
    for (const [, flag] of rows.matchAll(/`(--[a-z-]+)/g)) {
      assert.ok(flag === "--cmd" || flags.includes(flag!), `${name} has no ${flag}`);
    }
  }
});

Deno.test("the reference has every setting with its default and its other name", () => {
  const rows = section("## Settings").split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  assert.equal(rows.length, CONFIG_KEYS.length);
  for (const [index, key] of CONFIG_KEYS.entries()) {
    const [, name, also, value] = rows[index]!;
    assert.equal(name, `\`${key}\``);
    assert.equal(value, String(SETTINGS[key].default));
    assert.equal(/`(\w+)`/.exec(also!)?.[1], SETTINGS[key].alias?.name);
  }
});

/** Every field of a job: the compiler sees to it that none is left out. */
const JOB_FIELDS: Readonly<Record<keyof Job, true>> = {
  id: true,
  command: true,
  state: true,
  attempts: true,
  max_retries: true,
  created_at: true,
  updated_at: true,
  seq: true,
  priority: true,
  run_at: true,
  timeout_seconds: true,
  depends_on: true,
  cwd: true,
  env: true,
  tags: true,
  started_at: true,
  finished_at: true,
  exit_code: true,
  error: true,
  worker: true,
  run: true,
  lease_expires_at: true,
  waited_seconds: true,
  history: true,
};

Deno.test("the reference has every field of a job, and no other", () => {
  const named = firstCells(section("## A job")).flatMap((cell) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!)
  );
  assert.deepEqual(named.toSorted(), Object.keys(JOB_FIELDS).toSorted());
});
