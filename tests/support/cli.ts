/** The command line for tests: in this process, or as the real program. */
import assert from "node:assert/strict";
import type { Job } from "../../src/model/job.ts";
import { fromFileUrl } from "./paths.ts";
import { run } from "../../src/cli/run.ts";
import type { Sink } from "../../src/cli/output.ts";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Memory implements Sink {
  text = "";
  readonly rows = 24;

  constructor(readonly isTerminal: boolean, readonly columns: number) {}
  write(text: string | Uint8Array): void {
    this.text += typeof text === "string" ? text : new TextDecoder().decode(text);
  }
  writeLater(text: string): Promise<void> {
    return Promise.resolve(this.write(text));
  }
}

export interface RunOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  readonly now?: number;
  /** What the person at the terminal answers. */
  readonly answer?: boolean;
  readonly terminal?: { readonly columns: number; readonly colours: boolean };
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command line in this process, on the queue in a directory. */
export async function queuectl(
  directory: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  const { terminal } = options;
  const stdout = new Memory(terminal !== undefined, terminal?.columns ?? 80);
  const stderr = new Memory(terminal !== undefined, terminal?.columns ?? 80);
  const env: Readonly<Record<string, string>> = { QUEUECTL_HOME: directory, ...options.env };
  const code = await run(args, {
    stdout,
    stderr,
    colours: terminal?.colours ?? false,
    env: (name) => env[name],
    cwd: () => options.cwd ?? "/tmp",
    readStdin: () => Promise.resolve(new TextEncoder().encode(options.stdin ?? "")),
    ask: () => options.answer,
    clock: () => options.now ?? Date.now(),
    random: Math.random,
    timeZone: () => "Europe/Berlin",
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

export const ROOT = fromFileUrl(new URL("../..", import.meta.url));
export const MAIN = `${ROOT}main.ts`;

/** Starts the real program. */
export function start(
  directory: string,
  args: readonly string[],
  options: { readonly stdin?: "piped"; readonly env?: Readonly<Record<string, string>> } = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MAIN, ...args],
    cwd: directory,
    env: { QUEUECTL_HOME: directory, NO_COLOR: "1", ...options.env },
    stdin: options.stdin ?? "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the real program to its end. */
export async function program(
  directory: string,
  args: readonly string[],
  stdin?: string,
): Promise<Result> {
  const child = start(directory, args, stdin === undefined ? {} : { stdin: "piped" });
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs the real program, which must succeed; returns what it printed. */
export async function ok(directory: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await program(directory, args);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}${stdout}`);
  return stdout;
}

/** A job as the real program shows it. */
export async function show(directory: string, id: string): Promise<Job> {
  return JSON.parse(await ok(directory, "show", id, "--json"));
}
