/** The executable: that everything is in it, and that it works. */
import assert from "node:assert/strict";
import project from "../deno.json" with { type: "json" };
import { ROOT } from "./support/cli.ts";
import { loaded } from "./support/module_graph.ts";
import { withDirectory } from "./support/temporary.ts";

const decoder = new TextDecoder();

/** The arguments of the task `compile`, with another output. */
function compileArgs(output: string): readonly string[] {
  const words = project.tasks.compile.command.split(" ").slice(1);
  return words.map((word, index) => words[index - 1] === "--output" ? output : word);
}

async function compile(output: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...compileArgs(output)],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  }).output();
  assert.equal(code, 0, decoder.decode(stderr));
  return decoder.decode(stderr) + decoder.decode(stdout);
}

/**
 * Paths in the tree of files that `deno compile` prints, without their sizes, as in `(2 KB - 1 KB unique)`;
 * a folder that is there whole ends in `/*`.
 */
function embedded(printed: string): readonly string[] {
  const folders: string[] = [];
  return printed.split("\n").flatMap((line) => {
    const [, indent, name] = /^([\s│├└─┬]*)(\S.*?)(?: \([^()]*\))?$/.exec(line) ?? [];
    if (indent === undefined || !/[├└]/.test(indent)) return [];
    const depth = indent.length / 2;
    folders.length = Math.max(0, depth - 1);
    folders[depth - 1] = name!;
    return [folders.filter((folder) => folder !== undefined).join("/")];
  });
}

Deno.test("the executable holds every module that the program and the workers' threads load", async () => {
  await withDirectory(async (directory) => {
    // What this makes with Deno itself in the place of the runtime does not run, but it lists what is in it.
    const paths = embedded(await compile(`${directory}/queuectl`, { DENORT_BIN: Deno.execPath() }));
    for (const entry of ["main.ts", "src/worker/thread.ts"]) {
      for (const path of await loaded(entry, "in the end")) {
        const isThere = paths.some((each) => isIn(path, each));
        assert.ok(isThere, `${path} is not in the executable`);
      }
    }
  });
});

/** True if a path is the one that is listed, or in a folder that is listed whole. */
function isIn(path: string, listed: string): boolean {
  const folders = path.split("/").map((_, index, names) => names.slice(0, index).join("/"));
  const wholes = folders.filter((folder) => folder !== "").map((folder) => `${folder}/*`);
  return [path, ...wholes].some((each) => listed === each || listed.endsWith(`/${each}`));
}

/** The runtime for executables: named by the environment, or fetched before by Deno. */
async function findRuntime(): Promise<string | undefined> {
  const named = Deno.env.get("DENORT_BIN");
  if (named) return named;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(decoder.decode(stdout));
  const cached = `${denoDir}/dl/release/v${Deno.version.deno}/denort-${Deno.build.target}.zip`;
  try {
    Deno.statSync(cached);
    return "";
  } catch {
    return undefined;
  }
}

const runtime = await findRuntime();
const name = "the executable does the main job";
Deno.test({
  name: runtime === undefined
    ? `${name} (skipped: no runtime for executables here, DENORT_BIN names one)`
    : name,
  ignore: runtime === undefined,
  fn: async () => {
    await withDirectory(async (directory) => {
      const program = `${directory}/queuectl`;
      await compile(program, runtime ? { DENORT_BIN: runtime } : {});
      const run = async (...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await new Deno.Command(program, {
          args,
          env: { QUEUECTL_HOME: `${directory}/queue` },
        }).output();
        assert.equal(code, 0, decoder.decode(stderr));
        return decoder.decode(stdout);
      };
      await run("enqueue", "--id", "a", "--", "echo", "hi");
      await run("worker", "start", "--count", "2", "--drain");
      assert.equal(await run("logs", "a"), "hi\n");
      assert.match(await run("worker", "start", "--detach"), /^worker-\w+\n$/);
      await run("worker", "stop", "--wait");
    });
  },
});
