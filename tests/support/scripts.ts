/** Shell scripts that call `queuectl` by its name. */
import type { Job } from "../../src/model/job.ts";
import { MAIN, ok, type Result } from "./cli.ts";

/**
 * Variables with which a script finds the program as `queuectl`, and the queue in `home`.
 *
 * @param folder where the program's name is put
 */
export async function queuectlOnPath(
  folder: string,
  home: string,
): Promise<Readonly<Record<string, string>>> {
  const bin = `${folder}/.bin`;
  await Deno.mkdir(bin, { recursive: true });
  const call = `exec '${Deno.execPath()}' run -A --quiet '${MAIN}' "$@"`;
  await Deno.writeTextFile(`${bin}/queuectl`, `#!/bin/sh\n${call}\n`, { mode: 0o755 });
  return { PATH: `${bin}:${Deno.env.get("PATH")}`, QUEUECTL_HOME: home, NO_COLOR: "1" };
}

/** Runs a script to its end. */
export async function runScript(
  script: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Result> {
  const { code, stdout, stderr } = await new Deno.Command(script, {
    args: [...args],
    cwd,
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Every job of a queue. */
export async function jobs(home: string): Promise<readonly Job[]> {
  return JSON.parse(await ok(home, "list", "--json")).jobs;
}
