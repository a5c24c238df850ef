import assert from "node:assert/strict";
import { openFilesQueue } from "../../src/files/queue.ts";
import { examine } from "../../src/files/doctor.ts";
import { Store } from "../../src/files/store.ts";
import { isThere } from "../../src/machine/io.ts";
import type { Finished } from "../../src/model/queue.ts";
import {
  add,
  FAILURE,
  jobOf,
  START,
  SUCCESS,
  take,
  testEnvironment,
  withQueue,
  withStore,
} from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test("transactions of one process and of several never interleave", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "first", command: "true" }));
    const stores = await Promise.all([1, 2, 3].map(() => Store.open(directory, testEnvironment())));
    const job = stores[0]!.records.get("first")!;
    await Promise.all(
      stores.flatMap((store, which) =>
        Array.from({ length: 200 }, (_, i) =>
          store.transact((view) => ({
            events: [{ put: { ...job, id: `${which}-${i}`, seq: view.next } }],
            result: undefined,
          })))
      ),
    );
    for (const store of stores) store.close();
    await withStore(directory, (store) => {
      assert.equal([...store.records.values()].length, 601);
      const seqs = [...store.records.values()].map(({ seq }) => seq);
      assert.equal(new Set(seqs).size, 601);
    });
  });
});

Deno.test("whoever is far behind knows everything in its next transaction, in a journal that took the place of the first too", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "first", command: "true" });
      for (const isReplaced of [false, true]) {
        await withStore(directory, async (store) => {
          const command = `: ${"x".repeat(100)}`;
          const ids = Array.from({ length: 5_000 }, (_, i) => `${isReplaced}-${i}`);
          await add(queue, ...ids.map((id) => ({ id, command })));
          if (isReplaced) await queue.checkpoint("wait");
          await add(queue, { id: `last-${isReplaced}`, command: "true" });
          const known = await store.transact(({ records }) => ({
            events: [],
            result: [...records.values()].length,
          }));
          assert.equal(known, (await queue.list({})).total);
          assert.ok(store.records.get(`last-${isReplaced}`));
        });
      }
    });
  });
});

Deno.test("who waits too long for the lock is told who has it, and later takes it from nobody", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    const holder = Deno.openSync(`${directory}/queue.lock`, { read: true, write: true });
    const environment = testEnvironment({ lockDeadlineMs: 50 });
    await withStore(directory, async (store) => {
      holder.lockSync(true);
      const pause = (): Promise<void> =>
        store.transact(() => ({ events: [{ paused: true }], result: undefined }));
      const reason = Deno.build.os === "linux" ? new RegExp(`by process ${Deno.pid}$`) : /locked/;
      await assert.rejects(pause, (error: Error) => reason.test(error.message));
      holder.unlockSync();
      await pause();
      await pause();
      await waitUntil("the lock is given back", () => holder.tryLockSync(true));
      holder.unlockSync();
    }, environment);
    holder.close();
  });
});

Deno.test("an edit that several processes find is adopted once, and nothing is undone by it", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    await withStore(directory, async (store) => {
      const a = store.records.get("a")!;
      await store.transact(() => ({ events: [{ put: { ...a, priority: 1 } }], result: undefined }));
    });
    const text = Deno.readTextFileSync(`${directory}/jobs.json`).replace(`"true"`, `"by hand"`);
    Deno.writeTextFileSync(`${directory}/jobs.json`, text);
    await withQueue(directory, async (first) => {
      await withQueue(directory, async (second) => {
        const seat = await first.join("w1");
        const job = await take(seat);
        assert.equal(job.command, "by hand");
        const other = await second.join("w2");
        assert.equal((await other.claim()).kind, "nothing");
        const { job: done } = await seat.settle({ id: "a", run: job.run! }, SUCCESS, false);
        assert.equal(done?.state, "completed");
        assert.equal((await jobOf(second, "a")).state, "completed");
      });
    });
  });
});

Deno.test("a journal that was replaced is seen although a hard link keeps the old one", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    await withQueue(directory, async (old) => {
      Deno.linkSync(`${directory}/journal.jsonl`, `${directory}/link`);
      await withQueue(directory, (other) => add(other, { id: "b", command: "true" }));
      await add(old, { id: "c", command: "true" });
    });
    await withQueue(directory, async (queue) => assert.equal((await queue.list({})).total, 3));
  });
});

Deno.test("who has the queue open while it is repaired reads it anew", async () => {
  await withDirectory(async (directory) => {
    await withQueue(
      directory,
      (queue) => add(queue, { id: "a", command: "true" }, { id: "b", command: "true" }),
    );
    await withStore(directory, async (store) => {
      for (const id of ["a", "b"]) {
        const job = store.records.get(id)!;
        await store.transact(() => ({
          events: [{ put: { ...job, priority: 1 } }],
          result: undefined,
        }));
      }
      const lines = Deno.readTextFileSync(`${directory}/journal.jsonl`).split("\n");
      lines[1] = lines[1]!.replace(`"priority":1`, `"priority":7`);
      Deno.writeTextFileSync(`${directory}/journal.jsonl`, lines.join("\n"));
      const { repair } = await examine(directory, { clock: () => START, onProgress: () => {} });
      await repair();
      await withQueue(directory, (queue) => add(queue, { id: "c", command: "true" }));
      await store.refresh();
      const left = [...store.records.values()].map(({ id, priority }) => [id, priority]);
      assert.deepEqual(left.toSorted(), [["a", undefined], ["b", 1], ["c", undefined]]);
    });
  });
});

Deno.test("a checkpoint that fails between its renames loses nothing that comes after it", async () => {
  for (const step of ["checkpoint renamed jobs.json", "checkpoint renamed dlq.json"]) {
    await withDirectory(async (directory) => {
      await withQueue(
        directory,
        (queue) => add(queue, { id: "a", command: "true", max_retries: 0 }),
      );
      let failing = true;
      const environment = testEnvironment({
        fault: (name) => {
          if (failing && name === step) throw new Error("input/output error");
        },
      });
      const queue = await openFilesQueue(directory, environment, false);
      const seat = await queue.join("w1");
      const a = await take(seat);
      await seat.settle({ id: "a", run: a.run! }, { kind: "exited", exit_code: 1 }, false);
      await add(queue, { id: "b", command: "true" });
      await assert.rejects(() => queue.checkpoint("wait"), /input\/output/);
      failing = false;
      const b = await take(seat);
      await seat.settle({ id: "b", run: b.run! }, SUCCESS, false);
      await seat.leave();
      await queue.close();
      await withQueue(directory, async (after, { warnings }) => {
        assert.deepEqual([(await jobOf(after, "a")).state, (await jobOf(after, "b")).state], [
          "dead",
          "completed",
        ]);
        await add(after, { id: "c", command: "true" });
        assert.deepEqual(warnings, []);
      });
    });
  }
});

Deno.test("settings that are damaged while workers run do not cost a run its end", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue, { warnings }) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      const { run } = await take(seat);
      Deno.writeTextFileSync(`${directory}/config.json`, `{"max_retr`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      const { job } = await seat.settle({ id: "a", run: run! }, SUCCESS, false);
      assert.equal(job?.state, "completed");
      assert.match(warnings[0]!, /settings from before/);
      Deno.writeTextFileSync(`${directory}/config.json`, "{}");
      await seat.leave();
    })
  );
});

Deno.test("a job that a hand has put back from processing is pending, whatever run it still names", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      const seat = await queue.join("w1");
      await take(seat);
      await seat.leave();
    });
    const text = Deno.readTextFileSync(`${directory}/jobs.json`).replace("processing", "pending");
    Deno.writeTextFileSync(`${directory}/jobs.json`, text);
    await withQueue(directory, async (queue) => {
      assert.deepEqual(await queue.lostWorkers([]), []);
      const seat = await queue.join("w2");
      assert.equal((await take(seat)).id, "a");
    });
  });
});

Deno.test("a job whose variables read like a completed job's is not taken for one in a long queue", async () => {
  await withDirectory(async (directory) => {
    const env = { city: "x", state: "completed", attempts: "1" };
    await withQueue(directory, async (queue) => {
      const long = `: ${"x".repeat(600_000)}`;
      await add(queue, { command: long }, { command: long }, { id: "lost", command: "true", env });
      await queue.checkpoint("wait");
    });
    const known = testEnvironment({ keep: "unfinished" });
    await withStore(directory, (store) => {
      assert.equal(store.records.get("lost")?.state, "pending");
    }, known);
  });
});

Deno.test("the log of a run that the history has no more room for is gone", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue, environment) => {
      await queue.setConfig("backoff_base", 0);
      await add(queue, { id: "a", command: "false", max_retries: 200 });
      const seat = await queue.join("worker-a");
      const logs: string[] = [];
      for (let runs = 0; runs < 103; runs++) {
        environment.time.advance(1);
        const claim = await seat.claim();
        assert.ok(claim.kind === "job");
        Deno.writeTextFileSync(claim.log, "output\n");
        logs.push(claim.log);
        const { id, run } = claim.job;
        if (runs < 101) await seat.settle({ id, run: run! }, FAILURE, false);
        else if (runs === 101) await queue.settleLost({ id, run: run! });
        else await queue.cancel([id]);
      }
      const kept = [false, false, false, ...Array(100).fill(true)];
      assert.deepEqual(logs.map((log) => isThere(log)), kept);
      await seat.leave();
    });
  });
});

Deno.test("whoever has missed two checkpoints reads everything before it takes the lock", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "first", command: "true" });
      await withStore(directory, async (behind) => {
        for (const id of ["second", "third"]) {
          await add(queue, { id, command: "true" });
          await queue.checkpoint("wait");
          await add(queue, { id: `${id}-after`, command: "true" });
        }
        let isLocked: boolean | undefined;
        behind.onReload(() => {
          using lock = Deno.openSync(`${directory}/queue.lock`, { read: true });
          isLocked = !lock.tryLockSync(true);
        });
        const known = await behind.transact(({ records }) => ({
          events: [],
          result: records.values().toArray().length,
        }));
        assert.equal(known, 5);
        assert.equal(isLocked, false, "it was read anew, and not under the lock");
      });
    });
  });
});

Deno.test("damaged settings stop nobody who works, however far behind the files", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "true" });
      await withStore(directory, async (store, { warnings }) => {
        for (const id of ["b", "c"]) {
          await add(queue, { id, command: "true" });
          await queue.checkpoint("wait");
        }
        Deno.writeTextFileSync(`${directory}/config.json`, `{"max_retires":5}`);
        store.forgetConfig();
        const known = await store.transact(({ records }) => ({
          events: [],
          result: [...records.values()].map(({ id }) => id),
        }));
        assert.deepEqual(known, ["a", "b", "c"]);
        assert.match(
          warnings.join(),
          /unknown setting 'max_retires'; the settings from before count/,
        );
      });
      Deno.writeTextFileSync(`${directory}/config.json`, "{}");
    });
  });
});

Deno.test("what has happened stands although no directory for the log of on_finish can be made", async () => {
  await withDirectory(async (directory) => {
    const finished: Finished[] = [];
    const environment = testEnvironment({ onFinished: (told) => finished.push(told) });
    await withQueue(directory, async (queue) => {
      await queue.setConfig("on_finish", "true");
      await add(queue, { id: "a", command: "true" });
      const { mkdirSync } = Deno;
      Deno.mkdirSync = () => {
        throw new Error("No space left on device (os error 28)");
      };
      try {
        await queue.cancel(["a"]);
      } finally {
        Deno.mkdirSync = mkdirSync;
      }
      assert.deepEqual(finished.flatMap(({ jobs }) => jobs.map(({ id }) => id)), ["a"]);
      assert.equal((await queue.get(["a"]))[0]?.state, "cancelled");
    }, environment);
  });
});
