/** How the benchmarks run programs, and what they make of the times. */
import { MAIN } from "../support/cli.ts";

/** Runs a program to its end; returns milliseconds. Throws if it fails. */
export async function timed(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const begun = performance.now();
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  const took = performance.now() - begun;
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
  return took;
}

/** Runs a command of queuectl on the queue in a directory; returns milliseconds. */
export function queuectl(directory: string, ...args: string[]): Promise<number> {
  return timed(Deno.execPath(), ["run", "-A", "--quiet", MAIN, ...args], {
    QUEUECTL_HOME: directory,
  });
}

/** Starting so many processes, two at a time, and nothing else: the floor; milliseconds. */
export function floor(count: number): Promise<number> {
  return timed("sh", ["-c", `seq ${count} | xargs -P2 -I{} sh -c true`]);
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which this share of the values lies (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/** A line of the table. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly spread: string;
  readonly target: string;
}

/** Ratios of pairs that were run in turn: the median and the range. */
export function ratioRow(what: string, ratios: readonly number[], target: string): Row {
  return {
    what,
    measured: median(ratios).toFixed(2),
    spread: `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`,
    target,
  };
}

/** Fresh directories for queues, removed together at the end: removing files while others are made slows the making. */
export class Directories {
  readonly #root = Deno.makeTempDirSync({ prefix: "queuectl-bench-" });
  #count = 0;

  fresh(): string {
    const directory = `${this.#root}/${this.#count++}`;
    Deno.mkdirSync(directory);
    return directory;
  }

  remove(): void {
    Deno.removeSync(this.#root, { recursive: true });
  }
}

/** Writes a file of so many jobs that do nothing. */
export function writeJobs(path: string, count: number): void {
  Deno.writeTextFileSync(path, `{"command":"true"}\n`.repeat(count));
}
