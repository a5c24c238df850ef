import assert from "node:assert/strict";
import { examine } from "../../src/files/doctor.ts";
import { QueueError } from "../../src/model/errors.ts";
import { contents, readJobs } from "../support/files.ts";
import {
  add,
  FAILURE,
  jobOf,
  runNext,
  SUCCESS,
  testEnvironment,
  withQueue,
  withStore,
} from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

function edit(path: string, change: (text: string) => string): void {
  Deno.writeTextFileSync(path, change(Deno.readTextFileSync(path)));
}

Deno.test("an edit by hand while nothing runs is honoured", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "echo old" }));
    edit(`${directory}/jobs.json`, (text) => text.replace("echo old", "echo new"));
    await withQueue(directory, async (queue) => {
      assert.equal((await jobOf(queue, "a")).command, "echo new");
      await add(queue, { id: "b", command: "true" });
    });
    assert.deepEqual(readJobs(`${directory}/jobs.json`).map(({ command }) => command), [
      "echo new",
      "true",
    ]);
  });
});

Deno.test("a job added by hand, however it is laid out, needs only id and command", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    Deno.writeTextFileSync(
      `${directory}/jobs.json`,
      JSON.stringify([{ id: "x", command: "echo x" }, { id: "y", command: "echo y" }], null, 2),
    );
    await withQueue(directory, async (queue) => {
      assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["y", "x"]);
      await add(queue, { id: "b", command: "true" });
      assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["b", "y", "x"]);
    });
    const jobs = readJobs(`${directory}/jobs.json`);
    assert.equal(new Set(jobs.map(({ seq }) => seq)).size, 3);
  });
});

Deno.test("a queue that is written by hand where a program had found none is taken for what it is", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      assert.equal((await queue.list({})).total, 0);
      Deno.writeTextFileSync(`${directory}/jobs.json`, `[{"id":"mine","command":"true"}]`);
      await add(queue, { id: "b", command: "true" });
      assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["b", "mine"]);
    });
    await withQueue(directory, async (queue) => assert.equal((await queue.list({})).total, 2));
  });
});

Deno.test("a journal that is gone is said to be missing, in a queue made by hand it is not", async () => {
  await withDirectory(async (directory) => {
    const environment = testEnvironment();
    Deno.writeTextFileSync(`${directory}/jobs.json`, `[{"id":"mine","command":"\\"seq\\":1"}]`);
    await withQueue(directory, (queue) => add(queue, { id: "b", command: "true" }), environment);
    assert.deepEqual(environment.warnings, []);
    Deno.removeSync(`${directory}/journal.jsonl`);
    await withQueue(
      directory,
      async (queue) => assert.equal((await queue.list({})).total, 2),
      environment,
    );
    assert.match(environment.warnings.join(), /journal.jsonl is missing: a pause, schedules/);
    const options = { onProgress: () => {}, clock: Date.now };
    const { problems } = await examine(directory, options);
    assert.deepEqual(problems.map(({ file }) => file), [`${directory}/journal.jsonl`]);
  });
});

Deno.test("[] in both files starts afresh, and a journal that had more is kept aside", async () => {
  await withDirectory(async (directory) => {
    await withStore(
      directory,
      (store) => store.transact(() => ({ events: [{ paused: true }], result: undefined })),
    );
    Deno.writeTextFileSync(`${directory}/jobs.json`, "[]");
    Deno.writeTextFileSync(`${directory}/dlq.json`, "[]");
    await withQueue(directory, async (queue) => {
      assert.equal((await queue.list({})).total, 0);
      await add(queue, { id: "a", command: "true" });
    });
    await withQueue(directory, async (queue) => assert.equal((await queue.list({})).total, 1));
  });
});

Deno.test("[] in both files wins over a journal with jobs", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    await withStore(
      directory,
      (store) => store.transact(() => ({ events: [{ drop: "a" }], result: undefined })),
    );
    Deno.writeTextFileSync(`${directory}/jobs.json`, "[]");
    Deno.writeTextFileSync(`${directory}/dlq.json`, "[ ]");
    await withQueue(directory, async (queue, { warnings }) => {
      await add(queue, { id: "b", command: "true" });
      assert.match(warnings[1]!, /afresh/);
      assert.deepEqual((await queue.list({})).jobs.map(({ id }) => id), ["b"]);
    });
    assert.ok([...Deno.readDirSync(directory)].some(({ name }) => name.includes(".aside-")));
  });
});

Deno.test("an edit while the journal has lines wins for its ids, with a warning", async () => {
  await withDirectory(async (directory) => {
    await withQueue(
      directory,
      (queue) => add(queue, { id: "a", command: "old" }, { id: "b", command: "old" }),
    );
    await withStore(directory, async (store) => {
      const a = store.records.get("a")!;
      await store.transact((view) => ({
        events: [
          { put: { ...a, command: "from the journal" } },
          { put: { ...a, id: "c", seq: view.next + 1 } },
        ],
        result: undefined,
      }));
    });
    edit(
      `${directory}/jobs.json`,
      (text) => text.replace(/"a","command":"old"/, `"a","command":"by hand"`),
    );
    await withQueue(directory, async (queue, { warnings }) => {
      assert.equal((await jobOf(queue, "a")).command, "by hand");
      assert.equal((await jobOf(queue, "c")).command, "old");
      await add(queue, { id: "d", command: "true" });
      assert.match(warnings[0]!, /edited by hand/);
      assert.match(warnings[1]!, /changes to 1 of its jobs/);
    });
    await withQueue(directory, async (queue) => {
      assert.equal((await jobOf(queue, "a")).command, "by hand");
      assert.equal((await queue.list({})).total, 4);
    });
  });
});

Deno.test("a job that a hand lets wait for a dead one is dead with it, and so is who waits for that", async () => {
  await withDirectory(async (directory) => {
    const jobs = [
      { id: "second", command: "true", depends_on: ["first"] },
      { id: "first", command: "true", depends_on: ["gone", "lost"] },
      { id: "free", command: "true", depends_on: ["gone"] },
    ];
    Deno.writeTextFileSync(`${directory}/jobs.json`, JSON.stringify(jobs));
    const dead = [{ id: "lost", command: "false", state: "dead" }];
    Deno.writeTextFileSync(`${directory}/dlq.json`, JSON.stringify(dead));
    await withQueue(directory, async (queue) => {
      assert.equal((await jobOf(queue, "first")).error, "dependency 'lost' is dead");
      assert.equal((await jobOf(queue, "second")).state, "dead");
      assert.equal((await jobOf(queue, "free")).state, "pending");
      await add(queue, { id: "new", command: "true" });
    });
    assert.equal(readJobs(`${directory}/dlq.json`).length, 3);
  });
});

Deno.test("a copied directory is no edit: the journal counts", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "true" }));
    await withStore(directory, async (store) => {
      const a = store.records.get("a")!;
      await store.transact(() => ({
        events: [{ put: { ...a, state: "completed" } }],
        result: undefined,
      }));
    });
    await withDirectory(async (copy) => {
      for (const [name, text] of Object.entries(contents(directory))) {
        Deno.writeTextFileSync(`${copy}/${name}`, text);
        Deno.utimeSync(`${copy}/${name}`, 1000, 1000);
      }
      await withQueue(copy, async (queue, { warnings }) => {
        assert.equal((await jobOf(queue, "a")).state, "completed");
        await add(queue, { id: "b", command: "true" });
        assert.deepEqual(warnings, []);
      });
      await withQueue(copy, async (queue) => assert.equal((await queue.list({})).total, 2));
    });
  });
});

Deno.test("a file that cannot be understood stops everything and stays as it is", async () => {
  const good = `{"id":"a","command":"true"}`;
  const damaged: readonly (readonly [string, string, RegExp])[] = [
    ["jobs.json", "", /empty/],
    ["jobs.json", "[\n{", /line 2/],
    ["jobs.json", `[\n${good},\n{"id":"b"}\n]`, /line 3.*no command/],
    ["jobs.json", `[\n${good},\n${good}\n]`, /twice/],
    ["jobs.json", `[{"id":"a","command":"true","state":"done"}]`, /unknown state 'done'/],
    ["jobs.json", `[{"id":"../a","command":"true"}]`, /no job id/],
    ["jobs.json", `[{"id":"a","command":"true","colour":"red"}]`, /unknown field 'colour'/],
    ["jobs.json", `[{"id":"a","command":"true","run_at":"job 5"}]`, /run_at must be an ISO 8601/],
    ["jobs.json", `[{"id":"a","command":"true","depends_on":["a"]}]`, /circle: a -> a/],
    [
      "jobs.json",
      `[${good.replace("}", `,"depends_on":["b"]}`)},{"id":"b","command":"x","depends_on":["a"]}]`,
      /circle: a -> b -> a/,
    ],
    ["jobs.json", "{}", /no JSON array/],
    ["jobs.json", "[1]", /JSON object/],
    ["jobs.json", "\0\0\0\0", /no JSON/],
    ["dlq.json", "[", /dlq\.json/],
    [
      "dlq.json",
      `[${good.replace("}", `,"state":"dead"}`).replace(`"a"`, `"kept"`)}]`,
      /jobs\.json too/,
    ],
    ["config.json", "{", /config\.json/],
    ["config.json", `{"max_retrys":1}`, /max_retrys/],
    ["config.json", `{"max_retries":-1}`, /max_retries/],
    ["journal.jsonl", "nonsense\n", /journal\.jsonl/],
    ["journal.jsonl", "", /journal\.jsonl/],
  ];
  for (const [name, text, message] of damaged) {
    await withDirectory(async (directory) => {
      await withQueue(directory, (queue) => add(queue, { id: "kept", command: "true" }));
      Deno.writeTextFileSync(`${directory}/${name}`, text);
      const before = contents(directory);
      const attempts: readonly (() => Promise<unknown>)[] = [
        () => withQueue(directory, (queue) => queue.list({}).then(() => queue.config())),
        () => withQueue(directory, (queue) => add(queue, { command: "true" })),
        () => withQueue(directory, (queue) => queue.setConfig("max_retries", 1)),
      ];
      for (const attempt of attempts) {
        await assert.rejects(
          attempt,
          (error: unknown) =>
            error instanceof QueueError && error.code === "corrupt" && message.test(error.message),
          `${name}: ${text}`,
        );
        assert.deepEqual(contents(directory), before);
      }
    });
  }
});

Deno.test("a missing jobs.json is not taken for an empty one", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, (queue) => add(queue, { command: "true" }));
    Deno.removeSync(`${directory}/jobs.json`);
    await assert.rejects(() => withQueue(directory, (queue) => queue.list({})), /missing/);
  });
});

Deno.test("a snapshot that is cut anywhere is refused, and one with a changed byte is refused or taken for an edit, with a warning", async () => {
  await withDirectory(async (directory) => {
    await withQueue(directory, async (queue) => {
      await add(queue, { id: "a", command: "echo one", tags: ["x"] }, {
        id: "b",
        command: "false",
        max_retries: 0,
      });
      const seat = await queue.join("w");
      await runNext(seat, SUCCESS);
      await runNext(seat, FAILURE);
      await seat.leave();
    });
    const whole = contents(directory);
    const look = (): Promise<{ text: string; warnings: readonly string[] }> =>
      withQueue(directory, async (queue, { warnings }) => ({
        text: JSON.stringify((await queue.list({})).jobs),
        warnings,
      }));
    const good = (await look()).text;
    const isRefused = (error: unknown): boolean =>
      error instanceof QueueError && error.code === "corrupt";
    for (const name of ["jobs.json", "dlq.json"]) {
      const path = `${directory}/${name}`;
      const bytes = Deno.readFileSync(path);
      for (let at = 0; at < bytes.length - 1; at++) {
        Deno.writeFileSync(path, bytes.subarray(0, at));
        if (bytes[at] !== 10) await assert.rejects(look, isRefused, `${name} cut at ${at}`);
        const flipped = bytes.slice();
        flipped[at]! ^= 1 << (at % 7);
        Deno.writeFileSync(path, flipped);
        await look().then(
          ({ text, warnings }) =>
            assert.ok(text === good || warnings.length > 0, `${name} flipped at ${at}`),
          (error) => assert.ok(isRefused(error), `${name} flipped at ${at}: ${error}`),
        );
      }
      Deno.writeTextFileSync(path, whole[name]!);
    }
  });
});

Deno.test("an old jobs.json that a hand has put back is an edit, although an old journal beside knows it", async () => {
  await withDirectory(async (directory) => {
    const [jobs, journal] = [`${directory}/jobs.json`, `${directory}/journal.jsonl`];
    await withQueue(directory, (queue) => add(queue, { id: "a", command: "echo old" }));
    const [oldJobs, oldJournal] = [jobs, journal].map((path) => Deno.readTextFileSync(path));
    await withQueue(directory, (queue) => queue.edit(["a"], { command: "echo newer" }));
    Deno.writeTextFileSync(jobs, oldJobs!);
    Deno.writeTextFileSync(
      `${journal}.${JSON.parse(oldJournal!.split("\n")[0]!).generation}`,
      oldJournal!,
    );
    await withQueue(directory, async (queue, { warnings }) => {
      assert.equal((await jobOf(queue, "a")).command, "echo old");
      assert.match(warnings.join(), /taken as edited by hand/);
    });
  });
});
