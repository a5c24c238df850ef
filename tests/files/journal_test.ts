import assert from "node:assert/strict";
import { QueueError } from "../../src/model/errors.ts";
import { Journal } from "../../src/files/journal.ts";
import { pathsOf } from "../../src/files/paths.ts";
import type { Line } from "../../src/files/journal_line.ts";
import { add, FAILURE, runNext, SUCCESS, withQueue, withStore } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** A journal with some lines that no checkpoint has taken yet; with a plain character it is plain ASCII. */
async function withJournal(
  work: (path: string, directory: string) => Promise<void> | void,
  character = "ä",
): Promise<void> {
  await withDirectory(async (directory) => {
    await withStore(directory, async (store) => {
      for (let i = 0; i < 4; i++) {
        await store.transact((view) => ({
          events: [{
            put: {
              id: `job${i}`,
              command: `echo ${character.repeat(i)}`,
              state: "pending",
              attempts: 0,
              max_retries: 3,
              created_at: view.now,
              updated_at: view.now,
              seq: view.next,
            },
          }, { paused: i % 2 === 0 }],
          result: undefined,
        }));
      }
    });
    await work(pathsOf(directory).journal, directory);
  });
}

/** Every line that a journal gives, and what stands behind the last good one. */
function readAll(path: string): { lines: readonly Line[]; tail: string } {
  const journal = Journal.open(path);
  try {
    const lines: Line[] = [];
    const tail = journal.readOn((line) => lines.push(line));
    return { lines, tail };
  } finally {
    journal.close();
  }
}

for (const character of ["ä", "a"]) {
  Deno.test(`a journal with ${character} that is cut anywhere gives the whole lines before the cut, and nothing else`, async () => {
    await withJournal((path) => {
      const bytes = Deno.readFileSync(path);
      const whole = readAll(path).lines;
      const header = bytes.indexOf(10) + 1;
      for (let length = header; length <= bytes.length; length++) {
        Deno.writeFileSync(path, bytes.subarray(0, length));
        const { lines, tail } = readAll(path);
        assert.deepEqual(lines, whole.slice(0, lines.length));
        const ends = bytes.subarray(0, length).filter((byte) => byte === 10).length - 1;
        assert.equal(lines.length, ends, `cut at ${length}`);
        assert.equal(tail, bytes[length - 1] === 10 ? "none" : "unfinished");
      }
    }, character);
  });
}

Deno.test("a journal whose header is cut or changed anywhere is refused", async () => {
  await withJournal((path) => {
    const bytes = Deno.readFileSync(path);
    const header = bytes.indexOf(10);
    for (let at = 0; at <= header; at++) {
      Deno.writeFileSync(path, bytes.subarray(0, at));
      assert.throws(() => readAll(path), QueueError, `cut at ${at}`);
      const flipped = bytes.slice();
      flipped[at]! ^= 1;
      Deno.writeFileSync(path, flipped);
      assert.throws(() => readAll(path), QueueError, `flipped at ${at}`);
    }
  });
});

for (const character of ["ä", "a"]) {
  Deno.test(`a flipped bit anywhere in a journal with ${character} gives a prefix of the lines or is refused, never something else`, async () => {
    await withJournal((path) => {
      const bytes = Deno.readFileSync(path);
      const whole = readAll(path).lines;
      const header = bytes.indexOf(10) + 1;
      const lastLine = bytes.subarray(0, bytes.length - 1).lastIndexOf(10) + 1;
      let refused = 0;
      for (let at = header; at < bytes.length; at++) {
        for (const bit of [1, 8, 128]) {
          const flipped = bytes.slice();
          flipped[at]! ^= bit;
          Deno.writeFileSync(path, flipped);
          try {
            const { lines } = readAll(path);
            assert.ok(lines.length < whole.length, `flip at ${at} was not seen`);
            assert.deepEqual(lines, whole.slice(0, lines.length));
            // What is cut off is never more than the last line, or two that have become one.
            assert.ok(at >= lastLine - 1 || lines.length >= whole.length - 2, `flip at ${at}`);
          } catch (error) {
            assert.ok(error instanceof QueueError && error.code === "corrupt", String(error));
            refused++;
          }
        }
      }
      assert.ok(refused > 0);
    }, character);
  });
}

Deno.test("a good line behind bad ones is never cut off with them, however many they are", async () => {
  for (let damaged = 1; damaged < 4; damaged++) {
    await withJournal(async (path, directory) => {
      const lines = Deno.readTextFileSync(path).split("\n");
      for (let line = 1; line <= damaged; line++) {
        lines[line] = lines[line]!.replace(
          /"check":"(.)/,
          (_, digit) => `"check":"${digit === "0" ? "1" : "0"}`,
        );
      }
      Deno.writeTextFileSync(path, lines.join("\n"));
      const before = Deno.readFileSync(path);
      await assert.rejects(() => withStore(directory, () => {}), {
        code: "corrupt",
        message: /line 2: the line is damaged/,
      });
      assert.deepEqual(Deno.readFileSync(path), before);
    });
  }
});

Deno.test("an unfinished last line is dropped, and the next transaction takes its place", async () => {
  await withJournal(async (path, directory) => {
    const good = Deno.readFileSync(path);
    Deno.writeTextFileSync(path, `{"n":99,"at":"x","ev`, { append: true });
    await withStore(directory, async (store, { warnings }) => {
      assert.equal([...store.records.values()].length, 4);
      await store.transact(() => ({ events: [{ drop: "job0" }], result: undefined }));
      assert.deepEqual(warnings, []);
    });
    assert.deepEqual(Deno.readFileSync(path).subarray(0, good.length), good);
    assert.equal(readAll(path).tail, "none");
  });
});

Deno.test("a torn last line is cut off by the next transaction, which keeps a copy and says so", async () => {
  await withJournal(async (path, directory) => {
    const torn = `{"n":9,"at":"2030-01-01T00:00:00.000Z","events":[],"check":"00000000"}\n`;
    Deno.writeTextFileSync(path, torn, { append: true });
    await withStore(directory, async (store, { warnings }) => {
      await store.transact(() => ({ events: [{ drop: "job0" }], result: undefined }));
      assert.equal(warnings.length, 1);
    });
    const aside = [...Deno.readDirSync(directory)].find(({ name }) => name.includes(".aside-"));
    assert.equal(Deno.readTextFileSync(`${directory}/${aside?.name}`), torn);
    assert.equal(readAll(path).tail, "none");
  });
});

Deno.test("every prefix of a journal's lines replays to a queue in which a job is in one place", async () => {
  await withDirectory(async (directory) => {
    const environment = { lines: 0 };
    await withStore(directory, async (store) => {
      await store.transact(() => ({ events: [{ paused: false }], result: undefined }));
    });
    const queue = withQueue(directory, async (queue) => {
      await add(queue, { command: "a", id: "a", max_retries: 0 }, { command: "b", id: "b" });
      const seat = await queue.join("w");
      await runNext(seat, FAILURE);
      await runNext(seat, SUCCESS);
      await queue.retryDead(["a"], { withDependents: false });
      await seat.leave();
      const path = pathsOf(directory).journal;
      const bytes = Deno.readFileSync(path);
      environment.lines = bytes.filter((byte) => byte === 10).length;
      return bytes;
    });
    const bytes = await queue;
    await withDirectory(async (copy) => {
      let end = bytes.indexOf(10) + 1;
      for (let line = 1; line < environment.lines; line++) {
        end = bytes.indexOf(10, end) + 1;
        for (const name of ["jobs.json", "dlq.json"]) {
          Deno.writeTextFileSync(`${copy}/${name}`, "[]\n");
        }
        Deno.writeFileSync(`${copy}/journal.jsonl`, bytes.subarray(0, end));
        await withQueue(copy, async (queue) => {
          const { jobs, total } = await queue.list({});
          assert.equal(new Set(jobs.map((job) => job.id)).size, total);
          const { counts } = await queue.status();
          assert.equal(Object.values(counts).reduce((sum, each) => sum + each, 0), total);
        });
      }
    });
    assert.ok(environment.lines > 5);
  });
});

Deno.test("what is acknowledged behind the torn line of who made the queue and died is not cut off", async () => {
  await withDirectory(async (directory) => {
    // The first one looks at an empty directory; another makes the queue, and dies in the midst of a line.
    await withQueue(directory, async (first) => {
      await withStore(directory, (store) => store.locked(() => {}));
      await Deno.writeTextFile(pathsOf(directory).journal, '["half of a li', { append: true });
      await add(first, { id: "kept", command: "true" });
      await withQueue(directory, async (later) => {
        assert.deepEqual((await later.list({})).jobs.map(({ id }) => id), ["kept"]);
      });
    });
  });
});
