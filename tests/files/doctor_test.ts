import assert from "node:assert/strict";
import { examine } from "../../src/files/doctor.ts";
import type { Problem } from "../../src/model/examination.ts";
import { contents, readJobs } from "../support/files.ts";
import { LONG_BYTES } from "../../src/files/snapshot.ts";
import { add, jobOf, runNext, START, SUCCESS, withQueue, withStore } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const clock = (): number => START;

async function problems(directory: string): Promise<readonly Problem[]> {
  return (await examine(directory, { clock, onProgress: () => {} })).problems;
}

/** A queue with three jobs in its snapshot and two lines in its journal. */
async function makeQueue(directory: string): Promise<void> {
  await withQueue(
    directory,
    (queue) => add(queue, ...["a", "b", "c"].map((id) => ({ id, command: `echo ${id}` }))),
  );
  await withStore(directory, async (store) => {
    const job = store.records.get("a")!;
    for (const id of ["d", "e"]) {
      await store.transact((view) => ({
        events: [{ put: { ...job, id, seq: view.next } }],
        result: undefined,
      }));
    }
  });
}

async function ids(directory: string): Promise<readonly string[]> {
  return await withQueue(
    directory,
    async (queue) => (await queue.list({})).jobs.map(({ id }) => id).toSorted(),
  );
}

Deno.test("an empty directory is an empty queue, and stays as it is", async () => {
  await withDirectory(async (directory) => {
    assert.deepEqual(await problems(directory), []);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  });
});

Deno.test("nothing is wrong with a queue that works, with or without workers and journal", async () => {
  await withDirectory(async (directory) => {
    assert.deepEqual(await problems(`${directory}/none`), []);
    await makeQueue(directory);
    assert.deepEqual(await problems(directory), []);
    await withQueue(directory, async (queue) => {
      const seat = await queue.join("worker-1");
      await runNext(seat, SUCCESS);
      assert.deepEqual(await problems(directory), []);
      await seat.leave();
    });
  });
});

Deno.test("each kind of damage is named, changes nothing, and is mended by repair with what is left", async () => {
  const cases: readonly {
    readonly file: string;
    readonly damage: (text: string) => string;
    readonly what: RegExp;
    readonly left: readonly string[];
  }[] = [
    {
      file: "jobs.json",
      damage: (text) => text.slice(0, -20),
      what: /no JSON/,
      left: ["a", "b", "d", "e"],
    },
    { file: "jobs.json", damage: () => "", what: /empty/, left: ["d", "e"] },
    {
      file: "jobs.json",
      damage: (text) => text.replace(`"state":"pending"`, `"state":"penning"`),
      what: /unknown state 'penning'/,
      left: ["b", "c", "d", "e"],
    },
    {
      file: "jobs.json",
      damage: (text) => text.replace(`{"id":"b"`, `{"id":"a"`),
      what: /'a' is there twice/,
      left: ["a", "c", "d", "e"],
    },
    { file: "dlq.json", damage: () => "[", what: /no JSON/, left: ["a", "b", "c", "d", "e"] },
    { file: "config.json", damage: () => "{", what: /no JSON/, left: ["a", "b", "c", "d", "e"] },
    {
      file: "config.json",
      damage: () => `{"x":1}`,
      what: /unknown setting/,
      left: ["a", "b", "c", "d", "e"],
    },
    {
      file: "journal.jsonl",
      damage: (text) => text.replace(`{"put":{"id":"d"`, `{"put":{"id":"D"`),
      what: /damaged/,
      left: ["a", "b", "c", "e"],
    },
    {
      file: "journal.jsonl",
      damage: (text) => text.slice(0, -5),
      what: /not finished/,
      left: ["a", "b", "c", "d"],
    },
    {
      file: "journal.jsonl",
      damage: (text) => text.replace("queuectl", "queuectx"),
      what: /no header/,
      left: ["a", "b", "c", "e"],
    },
    {
      file: "jobs.json.1-1-left.tmp",
      damage: () => "half",
      what: /not finished/,
      left: ["a", "b", "c", "d", "e"],
    },
    {
      file: "journal.jsonl.99",
      damage: () => "half",
      what: /checkpoint/,
      left: ["a", "b", "c", "d", "e"],
    },
    {
      file: "logs/gone.r1.log",
      damage: () => "x",
      what: /no job knows/,
      left: ["a", "b", "c", "d", "e"],
    },
  ];
  for (const { file, damage, what, left } of cases) {
    await withDirectory(async (directory) => {
      await makeQueue(directory);
      Deno.mkdirSync(`${directory}/logs`, { recursive: true });
      const before = contents(directory)[file] ?? "";
      Deno.writeTextFileSync(`${directory}/${file}`, damage(before));
      const damaged = contents(directory);
      const examination = await examine(directory, { clock, onProgress: () => {} });
      assert.ok(examination.problems.length > 0, file);
      assert.match(examination.problems[0]!.what, what);
      assert.equal(examination.problems[0]!.file, `${directory}/${file}`);
      assert.deepEqual(contents(directory), damaged);

      const kept = await examination.repair();
      const name = file.slice(file.lastIndexOf("/") + 1);
      assert.equal(Deno.readTextFileSync(`${kept}/${name}`), damaged[file], file);
      assert.deepEqual(await problems(directory), [], file);
      assert.deepEqual(await ids(directory), left, `${file}: ${what}`);
    });
  }
});

Deno.test("a job in both files is named", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    const text = Deno.readTextFileSync(`${directory}/jobs.json`).replace("pending", "dead");
    Deno.writeTextFileSync(`${directory}/dlq.json`, text);
    const examination = await examine(directory, { clock, onProgress: () => {} });
    assert.match(examination.problems[0]!.what, /in jobs\.json too/);
    await examination.repair();
    assert.deepEqual(await problems(directory), []);
    assert.deepEqual(await ids(directory), ["a"]);
  });
});

Deno.test("jobs that wait for each other are named, and a repair lets one of them go", async () => {
  await withDirectory(async (directory) => {
    const job = (id: string, ...depends_on: readonly string[]) => ({
      id,
      command: "x",
      depends_on,
    });
    const jobs = [job("a", "free", "b"), job("b", "a"), job("self", "self"), job("free")];
    Deno.writeTextFileSync(`${directory}/jobs.json`, JSON.stringify(jobs));
    const { problems: found, repair } = await examine(directory, { clock, onProgress: () => {} });
    assert.deepEqual(found.map(({ what }) => what.replace(/^.*circle: /, "")), [
      "a -> b -> a",
      "self -> self",
    ]);
    assert.equal(found[0]!.repair, "let 'a' no longer wait for 'b'");
    await repair();
    assert.deepEqual(await problems(directory), []);
    const mended = readJobs(`${directory}/jobs.json`);
    assert.deepEqual(mended.map(({ depends_on }) => depends_on), [["free"], ["a"], undefined, []]);
  });
});

Deno.test("a queue made by hand may lack a file, one that was in use may not", async () => {
  await withDirectory(async (directory) => {
    Deno.writeTextFileSync(`${directory}/jobs.json`, `[{"id":"mine","command":"true"}]`);
    assert.deepEqual(await problems(directory), []);
    await withQueue(directory, (queue) => add(queue, { id: "b", command: "true" }));
    Deno.removeSync(`${directory}/dlq.json`);
    assert.deepEqual((await problems(directory)).map(({ what }) => what), ["the file is missing"]);
    Deno.removeSync(`${directory}/journal.jsonl`);
    const files = (await problems(directory)).map(({ file }) => file);
    assert.deepEqual(files, [`${directory}/dlq.json`, `${directory}/journal.jsonl`]);
  });
});

Deno.test("a worker that died is named", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    Deno.mkdirSync(`${directory}/workers`);
    Deno.writeTextFileSync(`${directory}/workers/worker-9.lock`, "");
    Deno.writeTextFileSync(`${directory}/workers/worker-9.json`, `{"id":"worker-9"}`);
    assert.deepEqual((await problems(directory)).map(({ what }) => what), ["worker worker-9 died"]);
  });
});

Deno.test("a repair decides an edit by hand as opening does, and leaves what is damaged to the journal", async () => {
  for (const damaged of [false, true]) {
    await withDirectory(async (directory) => {
      await makeQueue(directory);
      await withStore(directory, async (store) => {
        const put = { ...store.records.get("a")!, priority: 5 };
        await store.transact(() => ({ events: [{ put }], result: undefined }));
      });
      const path = `${directory}/jobs.json`;
      const edited = (await Deno.readTextFile(path)).replace("echo a", "echo edited");
      await Deno.writeTextFile(path, damaged ? `${edited}oops` : edited);
      // Something else to repair.
      await Deno.writeTextFile(`${directory}/config.json`, "{");
      await (await examine(directory, { clock, onProgress: () => {} })).repair();
      await withQueue(directory, async (queue) => {
        const [a, d] = await queue.get(["a", "d"]);
        const expected = ["echo edited", damaged ? 5 : undefined];
        assert.deepEqual([a!.command, a!.priority], expected);
        assert.equal(d!.command, "echo a", "what only the journal has stays");
      });
    });
  }
});

Deno.test("a repair of files that were emptied by hand brings no job back", async () => {
  await withDirectory(async (directory) => {
    await makeQueue(directory);
    for (const name of ["jobs.json", "dlq.json"]) {
      await Deno.writeTextFile(`${directory}/${name}`, "[]");
    }
    await Deno.writeTextFile(`${directory}/config.json`, "{");
    await (await examine(directory, { clock, onProgress: () => {} })).repair();
    assert.deepEqual(await ids(directory), []);
  });
});

Deno.test("bytes that are no text stop every command, and only a repair writes something else", async () => {
  for (const others of [0, 25]) {
    await withDirectory(async (directory) => {
      const path = `${directory}/jobs.json`;
      const command = `: ${"x".repeat(100_000)}`;
      const many = Array.from({ length: others }, (_, index) => ({ id: `job-${index}`, command }));
      await withQueue(directory, (queue) => add(queue, ...many, { id: "b", command: "cat caf?" }));
      assert.equal(Deno.statSync(path).size > LONG_BYTES, others > 0);
      const line = others + 2;
      const bytes = Deno.readFileSync(path);
      bytes[bytes.lastIndexOf("?".charCodeAt(0))] = 0xe9;
      Deno.writeFileSync(path, bytes);
      await assert.rejects(() => withQueue(directory, (queue) => queue.list({})), {
        code: "corrupt",
        message: `${path}, line ${line}: this is no UTF-8`,
      });
      const { problems, repair } = await examine(directory, { clock, onProgress: () => {} });
      assert.deepEqual(problems.map((each) => [each.line, each.what]), [[
        line,
        "this is no UTF-8",
      ]]);
      assert.deepEqual(Deno.readFileSync(path), bytes);
      const kept = await repair();
      assert.deepEqual(Deno.readFileSync(`${kept}/jobs.json`), bytes);
      await withQueue(directory, async (queue) => {
        assert.equal((await jobOf(queue, "b")).command, "cat caf\uFFFD");
      });
    });
  }
});

Deno.test("jobs that a hand has added get their numbers from a repair too, behind all others", async () => {
  await withDirectory(async (directory) => {
    await makeQueue(directory);
    const path = `${directory}/jobs.json`;
    const jobs = [{ id: "x", command: "true" }, { id: "y", command: "true" }, ...readJobs(path)];
    await Deno.writeTextFile(path, JSON.stringify(jobs));
    await Deno.writeTextFile(`${directory}/config.json`, "{");
    await (await examine(directory, { clock, onProgress: () => {} })).repair();
    const mended = readJobs(path);
    assert.deepEqual(mended.map(({ id }) => id), ["a", "b", "c", "d", "e", "x", "y"]);
    const numbers = mended.map(({ seq }) => Number(seq));
    assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
    assert.ok(numbers[0]! > 0);
  });
});
