/** The README's sessions, run as they stand there. */
import assert from "node:assert/strict";
import { loadCommandTree } from "../src/cli/commands.ts";
import { MAIN, ROOT } from "./support/cli.ts";
import { isInstalled, withServer } from "./support/servers.ts";
import { withDirectory } from "./support/temporary.ts";

const README = Deno.readTextFileSync(`${ROOT}README.md`);

interface Example {
  readonly command: string;
  readonly output: string;
}

/** The servers of the README, and the real ones that stand for them. */
type Servers = readonly (readonly [named: string, real: string])[];

const REDIS = "redis://127.0.0.1:6379";
const POSTGRES = "postgres://ada@127.0.0.1:5432/ada";

/** Every `$ queuectl …` in a console block, with what the README says that it prints. */
function examples(): readonly Example[] {
  return [...README.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!.split(/^\$ /m).slice(1).map((text) => {
      const end = text.indexOf("\n");
      return { command: text.slice(0, end), output: text.slice(end + 1) };
    })
  );
}

/** What differs from run to run is made the same. */
function steady(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/worker-\w{8}/g, "WORKER")
    .replace(/\b(in|for) \d+(\.\d+)?m?s/g, "$1 SECONDS")
    .replace(/\b(now {2}|\d+s ago)/g, "WHEN")
    .replace(/\b(now|\d+s ago)$/gm, "WHEN")
    .replace(/ +/g, " ");
}

async function run(
  { command, output }: Example,
  directory: string,
  servers: Servers,
): Promise<void> {
  assert.match(command, /^queuectl /);
  const real = servers.reduce((text, [named, real]) => text.replaceAll(named, real), command);
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `queuectl() { "$DENO" run -A --quiet "$MAIN" "$@"; }\n${real}`],
    cwd: directory,
    env: { QUEUECTL_HOME: `${directory}/queue`, DENO: Deno.execPath(), MAIN, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const printed = servers.reduce(
    (text, [named, real]) => text.replaceAll(real, named),
    decoder.decode(stdout) + decoder.decode(stderr),
  ).replaceAll(`${directory}/queue`, "/home/ada/.queuectl");
  assert.equal(steady(printed), steady(output), command);
}

Deno.test("every session in the README runs as it stands there", async () => {
  const all = examples();
  assert.ok(all.length > 10);
  const first = all.findIndex(({ command }) => command.includes("--id resize"));
  await withDirectory(async (directory) => {
    for (const example of all.slice(0, first)) await run(example, directory, []);
    if (!isInstalled("redis") || !isInstalled("postgres")) return;
    await withServer("redis", (redis) =>
      withServer("postgres", async (postgres) => {
        const servers: Servers = [
          [REDIS, redis.store("readme")],
          [POSTGRES, postgres.store("readme")],
        ];
        for (const example of all.slice(first)) await run(example, directory, servers);
      }));
  });
});

Deno.test("the README has a line for every command", async () => {
  const lines = README.split("\n").filter((line) => line.startsWith("| `")).join("\n");
  for (const entry of (await loadCommandTree(undefined)).getAllEntries()) {
    assert.match(lines, new RegExp(`\`${entry.name.original}[ \`]`), entry.name.original);
  }
});
