/**
 * Jobs that note their start and their end, while supervisors and command lines are killed with -9
 * at random; and the check of what must hold all the same.
 */
import assert from "node:assert/strict";
import type { Job } from "../../src/model/job.ts";
import { ok, start } from "./cli.ts";
import { processesWith } from "./processes.ts";
import { waitUntil } from "./wait_until.ts";

export interface StormOptions {
  /** Rounds of four jobs, each enqueued by a process of its own. */
  readonly batches: number;
  /** Processes that are started and killed, each with two workers. */
  readonly supervisors: number;
}

export interface StormResult {
  readonly acknowledged: number;
  readonly kills: number;
  readonly runs: number;
}

/** One command line in so many is killed while it works. */
const KILLED_COMMAND_LINES = 0.1;

/** Storms, lets everything come to an end, and checks: throws if anything was lost, doubled or left over. */
export async function storm(directory: string, options: StormOptions): Promise<StormResult> {
  const mark = crypto.randomUUID();
  const env = { STORM: mark };
  const notes = `${directory}/notes`;
  const acknowledged: string[] = [];
  let kills = 0;
  await ok(directory, "config", "set", "backoff_base", "0");
  await ok(directory, "config", "set", "max_retries", "1000");

  const enqueue = async (id: string): Promise<void> => {
    const note = (edge: string): string => `echo "${edge} ${id} $QUEUECTL_RUN" >> ${notes}`;
    const command = `${note("start")}; sleep 0.0$(( $$ % 10 )); ${note("end")}`;
    const child = start(directory, ["enqueue", "-i", id, "-c", command], { env });
    if (Math.random() < KILLED_COMMAND_LINES) killAfter(child, 20 + Math.random() * 100);
    const { stdout } = await child.output();
    if (new TextDecoder().decode(stdout).trim() === id) acknowledged.push(id);
  };
  let storming = true;
  const keepKilling = async (): Promise<void> => {
    while (storming) {
      const child = start(directory, ["worker", "start", "-n", "2"], { env });
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 700));
      child.kill("SIGKILL");
      await child.output();
      kills++;
    }
  };
  const killing = Array.from({ length: options.supervisors }, keepKilling);
  for (let batch = 0; batch < options.batches; batch++) {
    await Promise.all([0, 1, 2, 3].map((n) => enqueue(`job${batch}-${n}`)));
  }
  storming = false;
  await Promise.all(killing);
  await ok(directory, "worker", "start", "-n", "2", "--drain");

  const { jobs } = JSON.parse(await ok(directory, "list", "--json")) as { jobs: readonly Job[] };
  const states = new Map(jobs.map((job) => [job.id, job.state]));
  for (const id of acknowledged) assert.equal(states.get(id), "completed", id);
  const lines = Deno.readTextFileSync(notes).trim().split("\n");
  assertNoOverlap(lines);
  await waitUntil("nothing to be left over", () => processesWith(`STORM=${mark}`).length === 0);
  await ok(directory, "doctor");
  const runs = lines.filter((line) => line.startsWith("start ")).length;
  return { acknowledged: acknowledged.length, kills, runs };
}

function killAfter(child: Deno.ChildProcess, ms: number): void {
  setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It was faster.
    }
  }, ms);
}

/** A second run of a job may start only after the first has ended, or was killed and will never end. */
function assertNoOverlap(lines: readonly string[]): void {
  const open = new Map<string, string>();
  const given = new Set<string>();
  for (const line of lines) {
    const [edge, id, run] = line.split(" ");
    const before = open.get(id!);
    if (edge === "start") {
      if (before !== undefined) given.add(before);
      open.set(id!, run!);
    } else {
      assert.ok(!given.has(run!), `${line}, after another run had started`);
      if (before === run) open.delete(id!);
    }
  }
}
