/** Random sequences of all verbs against a plain model in memory, with reopening and checkpoints in between. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openFilesQueue } from "../../src/files/queue.ts";
import { type Job, type State, STATES } from "../../src/model/job.ts";
import type { Queue } from "../../src/model/queue.ts";
import type { RunKey, Seat } from "../../src/model/seat.ts";
import type { Outcome } from "../../src/model/transitions.ts";
import type { Keep } from "../../src/rules/records.ts";
import { type TestEnvironment, testEnvironment } from "../support/queue.ts";

interface ModelJob {
  state: State;
  attempts: number;
  max_retries: number;
  /** When it is due, milliseconds since 1970. */
  due: number;
  order: number;
  priority: number;
  run: string | undefined;
}

/** What the queue should be: a map, and rules that fit on a page. */
class Model {
  readonly jobs = new Map<string, ModelJob>();
  paused = false;
  count = 0;

  next(now: number): string | undefined {
    if (this.paused) return undefined;
    return [...this.jobs]
      .filter(([, job]) => (job.state === "pending" || job.state === "failed") && job.due <= now)
      .sort(([, a], [, b]) => b.priority - a.priority || a.order - b.order)[0]?.[0];
  }
}

/** The queue under test, which may be closed and opened again. */
class Real {
  queue!: Queue;
  seat!: Seat;
  seats = 0;

  constructor(readonly directory: string, readonly environment: TestEnvironment) {}

  async open(): Promise<void> {
    this.queue = await openFilesQueue(this.directory, this.environment);
    this.seat = await this.queue.join(`w${this.seats++}`);
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    await this.seat.leave();
    await this.queue.close();
  }

  async check(model: Model): Promise<void> {
    const { jobs } = await this.queue.list({});
    const found = jobs.map(({ id, state, attempts, max_retries }) => ({
      id,
      state,
      attempts,
      max_retries,
    }));
    const expected = [...model.jobs].map(([id, { state, attempts, max_retries }]) => ({
      id,
      state,
      attempts,
      max_retries,
    })).toReversed();
    assert.deepEqual(found, expected);
    const newest = await this.queue.list({ limit: 2 });
    assert.deepEqual(newest.jobs, jobs.slice(0, 2));
    assert.equal(newest.total, jobs.length);
    const { paused, counts } = await this.queue.status();
    assert.equal(paused, model.paused);
    for (const state of STATES) {
      assert.equal(counts[state], expected.filter((job) => job.state === state).length, state);
    }
  }
}

type Step = (model: Model, real: Real) => Promise<void>;

/** The verb is refused as a conflict exactly when the model says so. */
async function refusedIf(refused: boolean, work: () => Promise<unknown>): Promise<boolean> {
  if (refused) await assert.rejects(work, { name: "QueueError" });
  else await work();
  return refused;
}

const enqueue =
  (priority: number, max_retries: number, delay: number): Step => async (model, real) => {
    const id = `job${model.count}`;
    const now = real.environment.time.now;
    await real.queue.enqueue([{
      id,
      command: "true",
      priority,
      max_retries,
      ...(delay > 0 ? { run_at: new Date(now + delay * 1000).toISOString() } : {}),
    }], { ifAbsent: false });
    model.jobs.set(id, {
      state: "pending",
      attempts: 0,
      max_retries,
      due: delay > 0 ? now + delay * 1000 : 0,
      order: model.count++,
      priority,
      run: undefined,
    });
  };

const claim: Step = async (model, real) => {
  const now = real.environment.time.now;
  const expected = model.next(now);
  const claimed = await real.seat.claim();
  assert.equal(claimed.kind === "job" ? claimed.job.id : undefined, expected);
  if (claimed.kind === "job") begin(model, claimed.job);
};

function begin(model: Model, { id, run }: Job): void {
  const job = model.jobs.get(id)!;
  Object.assign(job, { state: "processing", attempts: job.attempts + 1, run });
}

const settle =
  (which: number, exit_code: number, current: boolean, claimNext: boolean): Step =>
  async (model, real) => {
    const running = [...model.jobs].filter(([, job]) => job.state === "processing");
    const found = running[which % Math.max(1, running.length)];
    if (!found) return;
    const [id, job] = found;
    const key: RunKey = { id, run: current ? job.run! : "another" };
    const outcome: Outcome = { kind: "exited", exit_code };
    const { job: after, next } = await real.seat.settle(key, outcome, claimNext);
    assert.equal(after !== undefined, current);
    if (!current) return assert.equal(next, undefined);
    job.run = undefined;
    if (exit_code === 0) job.state = "completed";
    else if (job.attempts > job.max_retries) job.state = "dead";
    else {
      job.state = "failed";
      job.due = real.environment.time.now + 2 ** job.attempts * 1000;
    }
    const expected = claimNext ? model.next(real.environment.time.now) : undefined;
    assert.equal(next?.job.id, expected);
    if (next) begin(model, next.job);
  };

const onJob = (
  which: number,
  verb: (queue: Queue, id: string) => Promise<unknown>,
  allowed: readonly State[],
  change: (model: Model, id: string, job: ModelJob) => void,
): Step =>
async (model, real) => {
  const ids = [...model.jobs.keys()];
  const id = ids[which % Math.max(1, ids.length)];
  if (id === undefined) return;
  const job = model.jobs.get(id)!;
  const isEnding = job.state === "cancelled" && job.run !== undefined;
  if (await refusedIf(!allowed.includes(job.state) || isEnding, () => verb(real.queue, id))) return;
  change(model, id, job);
};

const revive = (_model: Model, _id: string, job: ModelJob): void => {
  if (job.state !== "failed") job.attempts = 0;
  Object.assign(job, { state: "pending", due: 0 });
};

const cancel = (which: number): Step =>
  onJob(
    which,
    (queue, id) => queue.cancel([id]),
    ["pending", "failed", "processing"],
    (_m, _id, job) => {
      job.state = "cancelled";
    },
  );

const retry = (which: number): Step =>
  onJob(
    which,
    (queue, id) => queue.retry([id], { force: false, withDependents: false }),
    ["failed", "dead", "cancelled"],
    revive,
  );

const retryDead = (which: number): Step =>
  onJob(which, (queue, id) => queue.retryDead([id], { withDependents: false }), ["dead"], revive);

const remove = (which: number): Step =>
  onJob(
    which,
    (queue, id) => queue.delete([id]),
    ["pending", "failed", "completed", "dead", "cancelled"],
    (model, id) => model.jobs.delete(id),
  );

const lose = (which: number): Step => async (model, real) => {
  const running = [...model.jobs].filter(([, job]) => job.run !== undefined);
  const [id, job] = running[which % Math.max(1, running.length)] ?? [];
  if (!id || !job) return;
  await real.queue.settleLost({ id, run: job.run! });
  job.run = undefined;
  if (job.state === "cancelled") return;
  const over = job.attempts > job.max_retries;
  Object.assign(job, {
    state: over ? "dead" : "failed",
    due: real.environment.time.now + 2 ** job.attempts * 1000,
  });
};

const setPaused = (paused: boolean): Step => async (model, real) => {
  await real.queue.setPaused(paused);
  model.paused = paused;
};

const advance = (seconds: number): Step => (_model, real) => {
  real.environment.time.advance(seconds);
  return Promise.resolve();
};

const checkpoint: Step = async (_model, real) => {
  await real.queue.checkpoint("wait");
};

const reopen: Step = (_model, real) => real.reopen();

const which = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.integer({ min: -1, max: 1 }), fc.nat(2), fc.constantFrom(0, 0, 3)).map((
      args,
    ) => enqueue(...args)),
  },
  { weight: 5, arbitrary: fc.constant(claim) },
  {
    weight: 4,
    arbitrary: fc.tuple(
      which,
      fc.constantFrom(0, 1),
      fc.constantFrom(true, true, false),
      fc.boolean(),
    ).map((args) => settle(...args)),
  },
  { weight: 1, arbitrary: which.map(cancel) },
  { weight: 1, arbitrary: which.map(retry) },
  { weight: 1, arbitrary: which.map(retryDead) },
  { weight: 1, arbitrary: which.map(remove) },
  { weight: 1, arbitrary: which.map(lose) },
  { weight: 1, arbitrary: fc.boolean().map(setPaused) },
  { weight: 2, arbitrary: fc.constantFrom(1, 2, 5).map(advance) },
  { weight: 1, arbitrary: fc.constant(checkpoint) },
  { weight: 1, arbitrary: fc.constant(reopen) },
);

/** Other numbers each time, so that no run gets the id of another; the same in each test (Park and Miller, 1988). */
function someNumbers(): () => number {
  let last = 1;
  return () => (last = last * 16_807 % 2_147_483_647) / 2_147_483_647;
}

const KEPT: readonly Keep[] = ["all", "unfinished", { newest: 2 }];

for (const keep of KEPT) {
  Deno.test(`random sequences of all verbs do what a plain model does, through reopening and checkpoints, with ${JSON.stringify(keep)} in memory`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const directory = Deno.makeTempDirSync({ prefix: "queuectl-test-" });
        const model = new Model();
        const real = new Real(directory, testEnvironment({ keep, random: someNumbers() }));
        try {
          await real.open();
          for (const each of steps) {
            await each(model, real);
            await real.check(model);
          }
          await real.close();
          await real.open();
          await real.check(model);
          await real.close();
        } finally {
          Deno.removeSync(directory, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });
}
