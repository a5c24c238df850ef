/**
 * Moves jobs between both files and says each step, until it kills itself: `DIRECTORY STEP NTH`
 * ends this process with SIGKILL when it comes to a step of the files for the NTH time. With
 * `unfinished` behind that the snapshots are merged, not written from memory.
 */
import { openFilesQueue } from "../../src/files/queue.ts";
import type { Seat } from "../../src/model/seat.ts";

const [directory, step, nth, keep] = Deno.args;
let left = Number(nth);
const queue = await openFilesQueue(
  directory!,
  {
    clock: Date.now,
    random: Math.random,
    warn: () => {},
    keep: keep === "unfinished" ? "unfinished" : "all",
    longBytes: 0,
    fault: (name) => {
      if (name === step && --left === 0) Deno.kill(Deno.pid, "SIGKILL");
    },
  },
  true,
);

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function enqueue(id: string): Promise<void> {
  await queue.enqueue([{ id, command: "true", max_retries: 0 }], { ifAbsent: false });
  say(`${id} pending`);
}

async function run(seat: Seat, exit_code: number): Promise<void> {
  const claim = await seat.claim();
  if (claim.kind !== "job") throw new Error("nothing to claim");
  say(`${claim.job.id} processing`);
  const key = { id: claim.job.id, run: claim.job.run! };
  const { job } = await seat.settle(key, { kind: "exited", exit_code }, false);
  say(`${job!.id} ${job!.state}`);
}

await enqueue("dies");
await enqueue("lives");
await queue.checkpoint("wait");
const seat = await queue.join("worker-1");
await run(seat, 1);
await run(seat, 0);
await queue.checkpoint("wait");
await queue.retryDead(["dies"], { withDependents: false });
say("dies pending");
await enqueue("late");
await queue.checkpoint("wait");
await queue.close();
