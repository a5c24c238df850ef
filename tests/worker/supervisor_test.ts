import assert from "node:assert/strict";
import { isThere } from "../../src/machine/io.ts";
import type { Queue } from "../../src/model/queue.ts";
import { openQueue } from "../../src/open_queue.ts";
import { Supervisor, type SupervisorOptions } from "../../src/worker/supervisor.ts";
import { WorkerThread } from "../../src/worker/worker_thread.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

const REAL_THREAD = "../../src/worker/thread.ts";

/** A supervisor, and what it does. */
interface Supervised {
  readonly supervisor: Supervisor;
  /** All that it has told. */
  readonly told: () => string;
  /** How many threads were made. */
  readonly made: () => number;
}

/** What a test wants otherwise: one worker with a real thread, which goes on until it is stopped. */
interface Wanted extends Partial<Omit<SupervisorOptions, "first" | "makeThread">> {
  /** The entry of each thread, in the order in which they are made; the last is that of all further ones. */
  readonly entries?: readonly string[];
}

function supervise(queue: Queue, { entries = [REAL_THREAD], ...wanted }: Wanted): Supervised {
  let made = 0;
  let told = "";
  const makeThread = (): WorkerThread => {
    const entry = entries[made] ?? entries.at(-1)!;
    return new WorkerThread({
      id: `worker-${made++}`,
      location: { directory: queue.name },
      format: "text",
      entry: new URL(entry, import.meta.url),
    });
  };
  const supervisor = new Supervisor({
    queue,
    first: makeThread(),
    count: 1,
    makeThread,
    afterwards: { done: () => Promise.resolve(), interrupt: () => {} },
    drain: false,
    clock: Date.now,
    format: "text",
    onReady: () => {},
    ...wanted,
    onTold: (text) => {
      told += text;
      wanted.onTold?.(text);
    },
  });
  return { supervisor, told: () => told, made: () => made };
}

/** Runs one worker whose thread crashes, until a condition holds; returns when it crashed. */
async function runCrashing(
  queue: Queue,
  thread: string,
  isOver: (crashes: readonly number[]) => boolean | Promise<boolean>,
): Promise<readonly number[]> {
  const crashes: number[] = [];
  const { supervisor } = supervise(queue, {
    entries: [`../support/${thread}`],
    onTold: (text) => {
      if (/crashed: .*a fault in the thread/.test(text)) crashes.push(performance.now());
    },
  });
  const ended = supervisor.run();
  await waitUntil("the crashes to be over", () => isOver(crashes));
  supervisor.stop(false);
  assert.equal(await ended, "finished");
  return crashes;
}

async function withRealQueue(work: (queue: Queue) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const queue = await openQueue({ directory }, {
      clock: Date.now,
      random: Math.random,
      warn: () => {},
      purpose: "command",
    });
    await work(queue);
    await queue.close();
  });
}

Deno.test("a worker that crashes is replaced, with a pause that grows", async () => {
  await withRealQueue(async (queue) => {
    const crashes = await runCrashing(queue, "crashing_thread.ts", ({ length }) => length >= 4);
    const pauses = crashes.slice(1).map((at, index) => at - crashes[index]!);
    assert.ok(pauses[0]! >= 100 && pauses[1]! >= 200 && pauses[2]! >= 400, pauses.join(" "));
  });
});

Deno.test("the job of a worker that crashes follows the retry policy, and ends in the DLQ", async () => {
  await withRealQueue(async (queue) => {
    await queue.setConfig("backoff_base", 0);
    await queue.enqueue([{ id: "a", command: "true", max_retries: 1 }], { ifAbsent: false });
    const crashes = await runCrashing(queue, "claiming_thread.ts", async () => {
      const [job] = await queue.get(["a"]);
      return job?.state === "dead";
    });
    const [job] = await queue.get(["a"]);
    assert.deepEqual(job?.history?.map(({ error }) => error), ["worker lost", "worker lost"]);
    assert.equal(crashes.length, 2);
  });
});

Deno.test("a worker that cannot begin is replaced if another one works already", async () => {
  await withRealQueue(async (queue) => {
    const readyAfter: number[] = [];
    const { supervisor, told, made } = supervise(queue, {
      entries: [REAL_THREAD, "../support/late_thread.ts", REAL_THREAD],
      count: 2,
      onReady: () => readyAfter.push(made()),
    });
    const ended = supervisor.run();
    await waitUntil("the first worker", () => /worker-0 started/.test(told()));
    await Deno.writeTextFile(`${queue.name}/another works`, "");
    await waitUntil("the replacement", () => /worker-2 started/.test(told()));
    supervisor.stop(false);
    assert.equal(await ended, "finished");
    assert.match(told(), /worker-1 crashed: too late/);
    assert.deepEqual(readyAfter, [2], "whoever waits for them does not wait for the replacement");
  });
});

Deno.test("who asks all workers to stop means those too that are about to come", async () => {
  await withRealQueue(async (queue) => {
    const { supervisor, told, made } = supervise(queue, {
      entries: [REAL_THREAD, "../support/late_thread.ts"],
      count: 2,
      onTold: (text) => {
        // The next replacement would come in 1.6 seconds.
        if (text.includes("worker-5 crashed")) queue.stopWorkers(undefined, false);
      },
    });
    const ended = supervisor.run();
    await waitUntil("the first worker", () => /worker-0 started/.test(told()));
    await Deno.writeTextFile(`${queue.name}/another works`, "");
    assert.equal(await ended, "finished");
    assert.equal(made(), 6);
  });
});

Deno.test("who asks one worker to stop leaves the others to come", async () => {
  await withRealQueue(async (queue) => {
    const { supervisor, told, made } = supervise(queue, {
      entries: [REAL_THREAD, "../support/late_thread.ts"],
      count: 2,
      onTold: (text) => {
        if (text.includes("worker-2 crashed")) queue.stopWorkers(["worker-0"], false);
      },
    });
    const ended = supervisor.run();
    await waitUntil("the first worker", () => /worker-0 started/.test(told()));
    await Deno.writeTextFile(`${queue.name}/another works`, "");
    await waitUntil("its end", () => /worker-0 stopped/.test(told()));
    await waitUntil("another replacement", () => made() > 3);
    supervisor.stop(false);
    assert.equal(await ended, "finished");
  });
});

Deno.test("what was begun afterwards is done before the last worker leaves", async () => {
  await withRealQueue(async (queue) => {
    let present = 0;
    const { supervisor, made } = supervise(queue, {
      afterwards: {
        done: async () => void (present = (await queue.workers()).length),
        interrupt: () => {},
      },
      drain: true,
    });
    assert.equal(await supervisor.run(), "finished");
    assert.equal(present, 1);
    assert.equal(made(), 1);
  });
});

Deno.test("what a thread says before it is supervised is heard", async () => {
  await withRealQueue(async (queue) => {
    const { supervisor, told } = supervise(queue, {
      entries: ["../support/early_thread.ts"],
      drain: true,
      onReady: () => assert.fail("it is ready"),
    });
    await waitUntil("it has spoken", () => isThere(`${queue.name}/said`));
    await assert.rejects(() => supervisor.run(), /nothing works here/);
    assert.match(told(), /worker-0 crashed: nothing works here/);
  });
});

Deno.test("the last worker leaves when the files are up to date", async () => {
  await withRealQueue(async (queue) => {
    await queue.enqueue([{ id: "a", command: "true" }, { id: "b", command: "true" }], {
      ifAbsent: false,
    });
    /** How many workers were there at each checkpoint that was waited for. */
    const present: number[] = [];
    const watched: Queue = {
      ...queue,
      checkpoint: async (contention) => {
        const workers = await queue.workers();
        if (contention === "wait") present.push(workers.filter(({ alive }) => alive).length);
        return await queue.checkpoint(contention);
      },
    };
    const { supervisor } = supervise(watched, { count: 2, drain: true });
    assert.equal(await supervisor.run(), "finished");
    assert.deepEqual(present.map((count) => count > 0), [true]);
    assert.deepEqual(await queue.workers(), []);
    const onDisk = JSON.parse(await Deno.readTextFile(`${queue.name}/jobs.json`));
    assert.deepEqual(onDisk.map(({ state }: { state: string }) => state), [
      "completed",
      "completed",
    ]);
  });
});

Deno.test("files that cannot be understood end all workers, and none is made in their place", async () => {
  await withRealQueue(async (queue) => {
    await queue.enqueue([{ id: "a", command: "true" }], { ifAbsent: false });
    const { supervisor, told, made } = supervise(queue, {
      onTold: () => {
        if (made() > 1) supervisor.stop(true);
      },
    });
    const ended = supervisor.run();
    await waitUntil("it has worked", () => /completed a/.test(told()));
    await Deno.remove(`${queue.name}/journal.jsonl`);
    await assert.rejects(ended, { code: "corrupt", message: /was removed while/ });
    assert.equal(made(), 1);
    await Deno.writeTextFile(`${queue.name}/jobs.json`, "[]");
  });
});

Deno.test("a drain of a queue that is paused says once what it waits for, and ends when it is resumed", async () => {
  await withRealQueue(async (queue) => {
    await queue.setConfig("poll_interval_ms", 10);
    await queue.enqueue([{ id: "a", command: "true" }], { ifAbsent: false });
    await queue.setPaused(true);
    const { supervisor, told } = supervise(queue, { drain: true });
    const ended = supervisor.run();
    const why = /worker-0 waiting, as the queue is paused\n/g;
    await waitUntil("it says so", () => why.test(told()));
    // It is woken, and finds the queue as it was.
    await queue.edit(["a"], { priority: 1 });
    await queue.setPaused(false);
    assert.equal(await ended, "finished");
    assert.equal(told().match(why)?.length, 1);
    assert.match(told(), /completed a/);
  });
});
