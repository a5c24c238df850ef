import assert from "node:assert/strict";
import { openQueue } from "../../src/open_queue.ts";
import type { Queue } from "../../src/model/queue.ts";
import type { Seat } from "../../src/model/seat.ts";
import type { WorkerEvent } from "../../src/worker/events.ts";
import { Work } from "../../src/worker/work.ts";
import { isThere } from "../../src/machine/io.ts";
import { withDirectory } from "../support/temporary.ts";

function open(directory: string): Promise<Queue> {
  return openQueue({ directory }, {
    clock: Date.now,
    random: Math.random,
    warn: () => {},
    purpose: "command",
  });
}

/** A worker that stops when there is nothing to do. */
function workOn(seat: Seat, onEvent: (event: WorkerEvent) => void): Work {
  const work = new Work({
    seat,
    clock: Date.now,
    env: {},
    onLook: () => {},
    afterwards: { done: () => Promise.resolve(), interrupt: () => {} },
    onRest: () => work.stop(false),
    onEvent,
  });
  return work;
}

Deno.test("a worker frozen between its claim and its spawn starts nothing when it wakes up, and begins anew", async () => {
  await withDirectory(async (directory) => {
    const queue = await open(directory);
    const other = await open(directory);
    const command = `touch ${directory}/ran`;
    await queue.enqueue([{ id: "a", command, max_retries: 0 }], { ifAbsent: false });
    const seat = await queue.join("worker-1");
    const events: WorkerEvent[] = [];
    let recovered: Promise<unknown> = Promise.resolve();
    const work = workOn(seat, (event) => {
      events.push(event);
      // The worker is about to spawn. What a recovery does before it ends any process:
      if (event.event !== "picked") return;
      Deno.renameSync(`${directory}/workers/worker-1.json`, `${directory}/workers/worker-1.gone`);
      recovered = other.list({}).then(({ jobs }) =>
        other.settleLost({ id: "a", run: jobs[0]!.run! })
      );
    });
    await assert.rejects(() => work.run(), /given up for dead/);
    await recovered;
    assert.ok(!isThere(`${directory}/ran`), "the late spawn ran the command");
    const [job] = await other.get(["a"]);
    assert.deepEqual([job?.state, job?.error], ["dead", "worker lost"]);
    assert.ok(events.some(({ event }) => event === "refused"));
    await queue.close();
    await other.close();
  });
});

Deno.test("a worker that was given up for dead while a command ran buries neither that job nor the next", async () => {
  await withDirectory(async (directory) => {
    const queue = await open(directory);
    const commands = [`rm ${directory}/workers/worker-1.json; exit 1`, `touch ${directory}/ran`];
    const jobs = commands.map((command, index) => ({
      id: `job-${index}`,
      command,
      max_retries: 0,
    }));
    await queue.enqueue(jobs, { ifAbsent: false });
    const seat = await queue.join("worker-1");
    await assert.rejects(() => workOn(seat, () => {}).run(), /given up for dead/);
    const states = (await queue.get(["job-0", "job-1"])).map(({ state }) => state);
    assert.deepEqual(states, ["processing", "pending"]);
    await queue.close();
  });
});

for (const signal of ["INT", "HUP", "TERM"]) {
  Deno.test(`a run that SIG${signal} ends is put back if this program is stopped just then, else it has failed`, async () => {
    await withDirectory(async (directory) => {
      const queue = await open(directory);
      // What the terminal sends is ignored from the shell's first line on: this stands for before it.
      const command = `exec perl -e '$SIG{${signal}} = "DEFAULT"; kill ${signal} => $$; sleep 9'`;
      const jobs = ["alone", "stopped"].map((id) => ({ id, command, max_retries: 0 }));
      await queue.enqueue(jobs, { ifAbsent: false });
      const work = workOn(await queue.join("worker-1"), ({ event, job }) => {
        if (event === "picked" && job === "stopped") queueMicrotask(() => work.stop(false));
      });
      await keepingAlive(work.run());
      const states = (await queue.get(["alone", "stopped"])).map(({ state }) => state);
      assert.deepEqual(states, ["dead", "pending"]);
      await queue.close();
    });
  });
}

Deno.test("a run that is cancelled before its command was begun is ended as it begins", async () => {
  await withDirectory(async (directory) => {
    const queue = await open(directory);
    await queue.enqueue([{ id: "a", command: "sleep 20" }], { ifAbsent: false });
    const seat = await queue.join("worker-1");
    const ends: string[] = [];
    const early: Seat = {
      ...pick(seat),
      // As if no heartbeat came: it would end the run too, later.
      renew: () => Promise.resolve(true),
      settle: (run, outcome, claimNext) => {
        ends.push(outcome.kind);
        return seat.settle(run, outcome, claimNext);
      },
      claim: async () => {
        const claim = await seat.claim();
        if (claim.kind !== "job") return claim;
        await queue.cancel(["a"]);
        work.cancel(claim.job.run!);
        return claim;
      },
    };
    const work = workOn(early, () => {});
    await work.run();
    const [job] = await queue.get(["a"]);
    assert.deepEqual([job!.state, job!.run, ends], ["cancelled", undefined, ["interrupted"]]);
    await seat.leave();
    await queue.close();
  });
});

Deno.test("where no log can be made a job waits for it, and that counts as no run", async () => {
  await withDirectory(async (directory) => {
    const queue = await open(directory);
    await queue.enqueue([{ id: "a", command: "true", max_retries: 0 }], { ifAbsent: false });
    const seat = await queue.join("worker-1");
    const logs = `${directory}/logs`;
    Deno.removeSync(logs, { recursive: true });
    Deno.writeTextFileSync(logs, "in the way");
    const told: string[] = [];
    const work = workOn(seat, ({ event, error }) => {
      told.push(event);
      if (event !== "waiting") return;
      assert.match(error!, /cannot write .*\/logs\/a\./);
      Deno.removeSync(logs);
    });
    await keepingAlive(work.run());
    const [job] = await queue.get(["a"]);
    assert.deepEqual([job!.state, job!.attempts], ["completed", 1]);
    assert.deepEqual(told, ["started", "picked", "waiting", "completed", "stopped"]);
    await queue.close();
  });
});

Deno.test("a run whose lease is not prolonged any more is ended: it is another's by now", async () => {
  await withDirectory(async (directory) => {
    const queue = await open(directory);
    await queue.setConfig("lease_seconds", 1);
    await queue.enqueue([{ id: "a", command: "sleep 20" }], { ifAbsent: false });
    const seat = await queue.join("worker-1");
    const ends: string[] = [];
    const late: Seat = {
      ...pick(seat),
      renew: () => Promise.resolve(false),
      settle: (_run, outcome) => {
        ends.push(outcome.kind);
        work.stop(false);
        return Promise.resolve({ job: undefined, next: undefined });
      },
    };
    const work = workOn(late, () => {});
    await work.run();
    assert.deepEqual(ends, ["interrupted"]);
    await seat.leave();
    await queue.close();
  });
});

/** No timer of the program's own does. */
async function keepingAlive<T>(work: Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, 1_000);
  try {
    return await work;
  } finally {
    clearInterval(alive);
  }
}

Deno.test("a job that says that it has no time limit has none, whatever the setting says", async () => {
  await withDirectory(async (directory) => {
    const queue = await open(directory);
    await queue.setConfig("job_timeout_seconds", 0.2);
    const job = { command: "sleep 0.5", max_retries: 0 };
    const jobs = [
      { ...job, id: "as-set" },
      { ...job, id: "none", timeout_seconds: 0 },
      { ...job, id: "own", timeout_seconds: 20 },
    ];
    await queue.enqueue(jobs, { ifAbsent: false });
    const seat = await queue.join("worker-1");
    await keepingAlive(workOn(seat, () => {}).run());
    const ended = await queue.get(["as-set", "none", "own"]);
    assert.deepEqual(ended.map(({ state }) => state), ["dead", "completed", "completed"]);
    assert.equal(ended[0]!.error, "timed out after 200ms");
    await seat.leave();
    await queue.close();
  });
});

/** A seat's verbs, to put others in their place. */
function pick(seat: Seat): Seat {
  return {
    id: seat.id,
    claim: () => seat.claim(),
    settle: (run, outcome, claimNext) => seat.settle(run, outcome, claimNext),
    renew: (run) => seat.renew(run),
    isMember: () => seat.isMember(),
    log: (text) => seat.log(text),
    leave: () => seat.leave(),
  };
}
