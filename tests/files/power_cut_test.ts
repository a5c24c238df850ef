import assert from "node:assert/strict";
import { checkpoint } from "../../src/files/checkpoint.ts";
import { enqueue } from "../../src/files/enqueue.ts";
import { join } from "../../src/files/join.ts";
import type { Store } from "../../src/files/store.ts";
import { takeOver } from "../../src/files/take_over.ts";
import { idMaker } from "../../src/model/job.ts";
import type { Outcome } from "../../src/model/transitions.ts";
import { leftovers, type Moment, watchDisk } from "../support/forgetful_disk.ts";
import {
  FAILURE,
  SUCCESS,
  take,
  type TestEnvironment,
  testEnvironment,
  withStore,
} from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** The queue as people see it. */
function stateOf(store: Store): string {
  const jobs = [...store.records.values()].map(({ id, state, attempts }) => [id, state, attempts]);
  return JSON.stringify({ jobs: jobs.sort(), paused: store.records.paused });
}

/** What a queue has been, and when the power could have been cut. */
class Story {
  /** After each transaction. */
  readonly states: string[] = [];
  /** How many of these must have come to the disk by now. */
  acknowledged = 0;
  readonly moments: (Moment & { readonly acknowledged: number; readonly begun: number })[] = [];

  readonly note = (moment: Moment): void => {
    const { acknowledged, states } = this;
    this.moments.push({ ...moment, acknowledged, begun: states.length });
  };

  /** A transaction is done. */
  did(store: Store): void {
    this.states.push(stateOf(store));
  }

  /** All until now is on the disk, it was said. */
  confirm(): void {
    this.acknowledged = this.states.length - 1;
  }
}

/** Everything that is synced: enqueues, checkpoints, one of them while the other goes on, a move. */
async function live(story: Story, store: Store, { time }: TestEnvironment): Promise<void> {
  const makeId = idMaker(time.read, () => 0.5);
  const add = async (id: string, priority = 0): Promise<void> => {
    const job = { id, command: "true", max_retries: 0, priority };
    const { confirmed } = await enqueue(store, [job], { ifAbsent: false, makeId });
    assert.ok(confirmed);
    story.did(store);
    story.confirm();
  };
  await add("good");
  await add("bad");
  const seat = await join(store, "worker-1", makeId);
  const run = async (outcome: Outcome): Promise<void> => {
    const { id, run } = await take(seat);
    story.did(store);
    await seat.settle({ id, run: run! }, outcome, false);
    story.did(store);
  };
  await run(SUCCESS);
  await checkpoint(store, "wait");
  story.confirm();
  await add("urgent", 9);
  await run(SUCCESS);
  await run(FAILURE);
  await checkpoint(store, "wait");
  story.confirm();
  await add("next");
  await run(SUCCESS);
  const meanwhile = Promise.withResolvers<void>();
  duringCheckpoint = () => void add("late").then(meanwhile.resolve, meanwhile.reject);
  await checkpoint(store, "wait");
  await meanwhile.promise;
  const at = "2029-01-01T00:00:00.000Z";
  const times = { created_at: at, updated_at: at };
  const from = { command: "true", attempts: 0, max_retries: 0, ...times, seq: 7 };
  await takeOver(store, [{ id: "moved", state: "pending", ...from }], false);
  story.did(store);
  story.confirm();
  await checkpoint(store, "wait");
  await seat.leave();
}

/** What comes between the two halves of the next checkpoint. */
let duringCheckpoint: (() => void) | undefined;

async function check(
  directory: string,
  left: Readonly<Record<string, string>>,
  possible: readonly string[],
  after: string,
): Promise<void> {
  for (const [name, text] of Object.entries(left)) {
    Deno.writeTextFileSync(`${directory}/${name}`, text);
  }
  await withStore(directory, async (store) => {
    const found = stateOf(store);
    assert.ok(possible.includes(found), `after ${after}: ${found} is none of ${possible}`);
    await store.locked(() => {});
    assert.equal(stateOf(store), found, `after ${after}, mended`);
  });
}

Deno.test("a power cut at any moment leaves a queue as it was after one of its transactions, and after all that were acknowledged", async () => {
  await withDirectory(async (directory) => {
    const story = new Story();
    const environment = testEnvironment({
      fault: (step) => {
        if (step !== "checkpoint prepared") return;
        duringCheckpoint?.();
        duringCheckpoint = undefined;
      },
    });
    const place = `${directory}/queue`;
    Deno.mkdirSync(place);
    await watchDisk(
      place,
      () =>
        withStore(place, async (store) => {
          story.did(store);
          await live(story, store, environment);
        }, environment),
      story.note,
    );
    assert.ok(story.moments.length > 30);
    const seen = new Set<string>();
    for (const { acknowledged, begun, ...moment } of story.moments) {
      for (const left of leftovers(moment)) {
        const key = JSON.stringify([acknowledged, begun, left]);
        if (seen.has(key)) continue;
        seen.add(key);
        const possible = story.states.slice(acknowledged, begun + 2);
        await check(await Deno.makeTempDir({ dir: directory }), left, possible, moment.after);
      }
    }
  });
});
