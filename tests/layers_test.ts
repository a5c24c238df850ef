/** The law of the layers, held against the real module graph. */
import assert from "node:assert/strict";
import { ROOT } from "./support/cli.ts";
import { graph, loaded, loadedLater } from "./support/module_graph.ts";
import { copyProgram } from "./support/program_copy.ts";
import { program } from "./support/run_program.ts";
import { withDirectory } from "./support/temporary.ts";

/** Which folders of `src` a folder may import from; what stands in `src` itself is a layer of its own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli"],
  "model": ["model"],
  "rules": ["rules", "model"],
  "machine": ["machine", "model"],
  "files": ["files", "rules", "machine", "model", "timer.ts"],
  "bullmq": ["bullmq", "rules", "machine", "model", "timer.ts"],
  "worker": ["worker", "model", "open_workplace.ts", "timer.ts"],
  "cli": ["cli", "model", "worker", "web", "locate.ts", "open_queue.ts"],
  "web": ["web", "model"],
  "timer.ts": [],
  "locate.ts": ["files", "model"],
  "open_queue.ts": ["files", "bullmq", "rules", "model"],
  "open_workplace.ts": ["files", "bullmq", "rules", "model"],
};

const PREFIX = `file://${ROOT}`;

/** `main.ts`, a file or a folder of `src`; undefined for what is not ours. */
function layerOf(specifier: string | undefined): string | undefined {
  if (!specifier?.startsWith(PREFIX) || !specifier.endsWith(".ts")) return undefined;
  const path = specifier.slice(PREFIX.length).replace(/^src\//, "");
  return path.split("/")[0];
}

Deno.test("no folder imports from one that it may not know, and model from nothing else", async () => {
  let edges = 0;
  for (const entry of ["main.ts", "src/worker/thread.ts"]) {
    for (const module of await graph(entry)) {
      const from = layerOf(module.specifier);
      if (from === undefined) continue;
      assert.ok(from in MAY_IMPORT, `${module.specifier} is in no known layer`);
      for (const { specifier, code, type } of module.dependencies ?? []) {
        for (const target of [code?.specifier, type?.specifier]) {
          const to = layerOf(target);
          if (to === undefined) {
            if (from === "model") {
              assert.equal(target, undefined, `${module.specifier}: ${specifier}`);
            }
            continue;
          }
          edges++;
          assert.ok(MAY_IMPORT[from]!.includes(to), `${module.specifier} imports ${target}`);
        }
      }
    }
  }
  assert.ok(edges > 100, String(edges));
});

/** The source files in a folder. */
function* sources(folder: string): Generator<readonly [string, string]> {
  for (const entry of Deno.readDirSync(`${ROOT}${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield [path, Deno.readTextFileSync(`${ROOT}${path}`)];
  }
}

Deno.test("model knows no system and no clock", () => {
  for (const [path, text] of sources("src/model")) {
    assert.doesNotMatch(text, /\bDeno\.|Date\.now|new Date\(\)|performance\.|Math\.random\(/, path);
  }
});

Deno.test("one file exits, one file prints", () => {
  for (const [path, text] of sources("src")) {
    assert.doesNotMatch(text, /Deno\.exit\(/, path);
    assert.doesNotMatch(text, /console\./, path);
    if (path !== "src/cli/output.ts") assert.doesNotMatch(text, /Deno\.std(out|err)\.write/, path);
  }
});

Deno.test("no file is far longer than the rest", () => {
  for (const [path, text] of sources("src")) {
    const lines = text.split("\n").length;
    assert.ok(lines <= 380, `${path} has ${lines} lines`);
  }
});

Deno.test("whoever has no queue on a server reads nothing of BullMQ", async () => {
  await withDirectory(async (directory) => {
    const main = await copyProgram(directory);
    // Whoever reads a pipe that nobody writes to waits for ever.
    await Deno.remove(`${directory}/src/bullmq/queue.ts`);
    await program("mkfifo", [`${directory}/src/bullmq/queue.ts`]);
    const queuectl = (...args: string[]): Promise<string> =>
      program(Deno.execPath(), ["run", "-A", "--quiet", main, ...args], {
        signal: AbortSignal.timeout(10_000),
      });
    const queue = `--data-dir=${directory}/queue`;
    await queuectl("enqueue", queue, "--id", "a", "--", "true");
    assert.match(await queuectl("worker", "start", queue, "--drain"), / completed a in /);
  });
});

Deno.test("whoever goes on for long loads every verb of the files at once", async () => {
  const atOnce = await loaded("src/files/every_verb.ts", "at once");
  const later = (await loadedLater("main.ts", "src/files"))
    .filter((path) => path !== "src/files/every_verb.ts");
  assert.ok(later.length > 20, String(later.length));
  assert.deepEqual(later.filter((path) => !atOnce.has(path)), []);
});
