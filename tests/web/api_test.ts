/** Every route of the API and every error that it answers. */
import assert from "node:assert/strict";
import { CONFIG_KEYS } from "../../src/model/config.ts";
import type { Queue } from "../../src/model/queue.ts";
import { start } from "../support/cli.ts";
import { processesWith } from "../support/processes.ts";
import { add, FAILURE, runNext, SUCCESS, take } from "../support/queue.ts";
import { waitUntil } from "../support/wait_until.ts";
import { TOKEN, withDashboard } from "../support/web.ts";

Deno.test("a job is enqueued, listed, shown, cancelled, retried and deleted", async () => {
  await withDashboard(async ({ ask, directory }) => {
    const made = await ask("POST", "/jobs", { id: "a", command: "true", priority: 3, tags: ["x"] });
    assert.deepEqual([made.status, made.document], [201, { ids: ["a"], confirmed: true }]);
    const { document: job } = await ask("GET", "/jobs/a");
    assert.deepEqual([job.command, job.priority, job.cwd], ["true", 3, directory]);
    assert.equal((await ask("GET", "/jobs")).document.total, 1);
    assert.equal((await ask("POST", "/jobs/a/cancel")).document.state, "cancelled");
    assert.equal((await ask("POST", "/jobs/a/retry")).document.state, "pending");
    assert.equal((await ask("DELETE", "/jobs/a")).document.id, "a");
    assert.equal((await ask("GET", "/jobs/a")).status, 404);
  });
});

Deno.test("several jobs come in one body, and one bad one refuses all", async () => {
  await withDashboard(async ({ ask }) => {
    const good = { command: "true" };
    assert.equal((await ask("POST", "/jobs", [good, good])).document.ids.length, 2);
    assert.equal((await ask("POST", "/jobs", [good, { command: "" }])).status, 400);
    assert.equal((await ask("GET", "/jobs")).document.total, 2);
  });
});

Deno.test("pages go on where the last one ended, whatever arrives meanwhile", async () => {
  await withDashboard(async ({ ask, queue }) => {
    await add(
      queue,
      ...Array.from({ length: 25 }, (_, i) => ({ id: `job-${i}`, command: "true" })),
    );
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const { document } = await ask("GET", `/jobs?limit=10${query}`);
      seen.push(...document.jobs.map(({ id }: { id: string }) => id));
      cursor = document.cursor;
      await add(queue, { command: "true" });
    }
    assert.deepEqual(seen, Array.from({ length: 25 }, (_, i) => `job-${24 - i}`));
  });
});

Deno.test("jobs are found by state, by tag and by what stands in them", async () => {
  await withDashboard(async ({ ask, queue }) => {
    await add(
      queue,
      { id: "alpha", command: "echo One", tags: ["red"] },
      { id: "beta", command: "echo two", tags: ["red", "blue"] },
      { id: "gamma", command: "echo ALPHABET" },
    );
    await queue.cancel(["beta"]);
    const find = async (query: string): Promise<string[]> =>
      (await ask("GET", `/jobs?${query}`)).document.jobs.map(({ id }: { id: string }) => id);
    assert.deepEqual(await find("search=alpha"), ["gamma", "alpha"]);
    assert.deepEqual(await find("search=blue"), ["beta"]);
    assert.deepEqual(await find("tag=red&state=pending"), ["alpha"]);
    assert.deepEqual(await find("state=cancelled,dead"), ["beta"]);
    assert.deepEqual(await find("tag=red,blue"), ["beta"]);
  });
});

Deno.test("what a job still waits for is told with its page", async () => {
  await withDashboard(async ({ ask, queue }) => {
    await add(queue, { id: "a", command: "true" }, { id: "b", command: "true", depends_on: ["a"] });
    assert.deepEqual((await ask("GET", "/jobs")).document.unmet, { b: ["a"] });
  });
});

Deno.test("dead jobs are listed and retried, one or all", async () => {
  await withDashboard(async ({ ask, queue }) => {
    await add(queue, ...["a", "b", "c"].map((id) => ({ id, command: "false", max_retries: 0 })));
    const seat = await queue.join("worker-test");
    for (let i = 0; i < 3; i++) await runNext(seat, FAILURE);
    assert.equal((await ask("GET", "/dlq")).document.total, 3);
    assert.equal((await ask("POST", "/jobs/a/retry")).document.attempts, 0);
    assert.deepEqual((await ask("POST", "/dlq/retry")).document.ids, ["b", "c"]);
    assert.equal((await ask("GET", "/dlq")).document.total, 0);
    await seat.leave();
  });
});

Deno.test("a log is read whole, by run, and followed until the run has ended", async () => {
  await withDashboard(async ({ ask, queue, origin, directory }) => {
    await add(queue, { id: "a", command: "true" }, { id: "unrun", command: "true" });
    const seat = await queue.join("worker-test");
    const { run } = await take(seat);
    const file = `${directory}/logs/a.${run}.log`;
    await Deno.writeTextFile(file, "one é\n");
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const whole = await fetch(`${origin}/api/jobs/a/log?run=${run}`, { headers });
    assert.equal(await whole.text(), "one é\n");
    assert.match(whole.headers.get("Content-Type")!, /^text\/plain/);
    const stream = await fetch(`${origin}/api/jobs/a/log/events`, { headers });
    assert.match(stream.headers.get("Content-Type")!, /^text\/event-stream/);
    const text = stream.text();
    await Deno.writeTextFile(file, "two\n", { append: true });
    await seat.settle({ id: "a", run: run! }, SUCCESS, false);
    assert.match(await text, /"one é\\n(.|\n)*two\\n"(.|\n)*event: end/);
    assert.equal((await ask("GET", "/jobs/a/log?run=other")).status, 404);
    assert.equal((await ask("GET", "/jobs/unrun/log/events")).status, 404);
    await seat.leave();
  });
});

Deno.test("the state comes as an event at once, and again when it changes", async () => {
  await withDashboard(async ({ queue, origin }) => {
    const response = await fetch(`${origin}/api/events`, {
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (expected: RegExp): Promise<void> => {
      while (!expected.test(text)) text += (await reader.read()).value;
    };
    await until(/event: status\ndata: .*"pending":0/);
    await add(queue, { command: "true" });
    await until(/"pending":1/);
    await until(/event: tick/);
    await reader.cancel();
  });
});

Deno.test("workers are listed, started and stopped", async () => {
  await withDashboard(async ({ ask, queue }) => {
    const started = await ask("POST", "/workers", { count: 3 });
    assert.deepEqual([started.status, started.document.ids.length], [201, 3]);
    for (const count of [0, 65, 1.5, "2", null]) {
      assert.equal((await ask("POST", "/workers", { count })).status, 400, String(count));
    }
    const seat = await queue.join("worker-test");
    assert.equal((await ask("GET", "/workers")).document.workers[0].id, "worker-test");
    assert.deepEqual((await ask("DELETE", "/workers/worker-test?force")).document.ids, [
      "worker-test",
    ]);
    assert.deepEqual(await queue.requests(["worker-test"]), [
      { kind: "stop", worker: "worker-test", force: true, all: false },
    ]);
    assert.equal((await ask("DELETE", "/workers/nobody")).status, 404);
    await seat.leave();
  });
});

Deno.test("settings are checked as on the command line", async () => {
  await withDashboard(async ({ ask, queue }) => {
    const { config } = (await ask("GET", "/config")).document;
    assert.deepEqual(Object.keys(config), CONFIG_KEYS.filter((key) => key !== "store"));
    const set = await ask("PUT", "/config/poll-interval", { value: "1.5" });
    assert.equal(set.document.config.poll_interval_ms.value, 1500);
    assert.equal((await queue.config()).complete.poll_interval_ms, 1500);
    const unset = await ask("DELETE", "/config/poll_interval_ms");
    assert.equal(unset.document.config.poll_interval_ms.source, "default");
    for (const [key, value] of [["max_retries", -1], ["max_retries", "many"], ["nothing", 1]]) {
      const { status, document } = await ask("PUT", `/config/${key}`, { value });
      assert.deepEqual([status, document.code], [400, "usage"]);
    }
  });
});

Deno.test("the queue is paused and resumed, and measured", async () => {
  await withDashboard(async ({ ask }) => {
    assert.equal((await ask("POST", "/pause")).document.changed, true);
    assert.equal((await ask("GET", "/status")).document.paused, true);
    assert.equal((await ask("POST", "/resume")).document.changed, true);
    assert.equal((await ask("GET", "/metrics")).document.runs.total, 0);
    assert.equal((await ask("GET", "/metrics/last-hour")).document.minutes.length, 60);
  });
});

Deno.test("an error is a sentence with its code, never a stack", async () => {
  await withDashboard(async ({ ask, queue, origin }) => {
    await add(queue, { id: "a", command: "true" }, { id: "bc", command: "true" });
    const cases: readonly (readonly [string, string, unknown, number, string])[] = [
      ["GET", "/nothing", undefined, 404, "not_found"],
      ["GET", "/jobs/b", undefined, 404, "not_found"],
      ["DELETE", "/jobs/b", undefined, 404, "not_found"],
      ["POST", "/jobs/b/cancel", undefined, 404, "not_found"],
      ["POST", "/jobs/b/retry", undefined, 404, "not_found"],
      ["GET", "/jobs/b/log", undefined, 404, "not_found"],
      ["GET", "/jobs?state=done", undefined, 400, "usage"],
      ["GET", "/jobs?limit=0", undefined, 400, "usage"],
      ["GET", "/jobs?limit=1001", undefined, 400, "usage"],
      ["GET", "/jobs?cursor=x", undefined, 400, "usage"],
      ["POST", "/jobs", { id: "a", command: "true" }, 409, "conflict"],
      ["POST", "/jobs", { id: "../x", command: "true" }, 400, "usage"],
      ["POST", "/jobs", { command: "true", state: "dead" }, 400, "usage"],
      ["POST", "/jobs", { command: "true", nonsense: 1 }, 400, "usage"],
      ["POST", "/jobs", {}, 400, "usage"],
      ["POST", "/jobs", [], 400, "usage"],
      ["POST", "/jobs", "text", 400, "usage"],
      ["POST", "/jobs/a/retry", undefined, 409, "conflict"],
      ["PUT", "/config/max_retries", [1], 400, "usage"],
      ["PUT", "/config/store", { value: "redis://127.0.0.1" }, 400, "usage"],
      ["POST", "/workers", [], 400, "usage"],
    ];
    for (const [method, path, body, status, code] of cases) {
      const answer = await ask(method, path, body);
      assert.deepEqual([answer.status, answer.document.code], [status, code], `${method} ${path}`);
      assert.deepEqual(Object.keys(answer.document), ["error", "code", "hint"]);
      assert.doesNotMatch(JSON.stringify(answer.document), /\bat \w+ \(|file:\/\/|\.ts:/);
    }
    const broken = await fetch(`${origin}/api/jobs`, {
      method: "POST",
      headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
      body: "{",
    });
    assert.deepEqual([broken.status, (await broken.json()).error], [400, "the body is no JSON"]);
  });
});

Deno.test("a damaged file is told as such, and nothing is changed", async () => {
  await withDashboard(async ({ ask, directory }) => {
    await ask("POST", "/jobs", { command: "true" });
    await Deno.writeTextFile(`${directory}/config.json`, "{");
    const { status, document } = await ask("PUT", "/config/max_retries", { value: 1 });
    assert.deepEqual([status, document.code], [500, "corrupt"]);
    assert.equal(await Deno.readTextFile(`${directory}/config.json`), "{");
  });
});

Deno.test("what was done is in jobs.json a moment later", async () => {
  await withDashboard(async ({ ask, directory }) => {
    await ask("POST", "/jobs", { id: "a", command: "true" });
    const deadline = performance.now() + 10_000;
    while (!(await Deno.readTextFile(`${directory}/jobs.json`)).includes('"id":"a"')) {
      assert.ok(performance.now() < deadline);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

Deno.test("dead jobs come in the order in which they died, over pages too, without their history", async () => {
  await withDashboard(async ({ ask, queue }) => {
    await add(
      queue,
      ...["a", "b", "c", "d"].map((id, index) => ({
        id,
        command: "false",
        max_retries: 0,
        priority: [0, 2, 3, 1][index]!,
      })),
    );
    const seat = await queue.join("worker-test");
    for (let i = 0; i < 4; i++) {
      await runNext(seat, FAILURE);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const first = (await ask("GET", "/dlq?limit=3")).document;
    const second = (await ask("GET", `/dlq?limit=3&cursor=${first.cursor}`)).document;
    const jobs = [...first.jobs, ...second.jobs];
    assert.deepEqual(jobs.map(({ id }) => id), ["a", "d", "b", "c"]);
    assert.ok(jobs.every((job) => !("history" in job)));
    assert.equal(second.cursor, null);
    await seat.leave();
  });
});

Deno.test("a change that leaves the counts as they are is told too", async () => {
  await withDashboard(async ({ queue, origin }) => {
    await add(queue, { id: "a", command: "true" });
    const response = await fetch(`${origin}/api/events`, {
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (expected: RegExp): Promise<void> => {
      while (!expected.test(text)) text += (await reader.read()).value;
    };
    await until(/event: tick/);
    await queue.edit(["a"], { priority: 5 });
    await until(/event: changed/);
    await reader.cancel();
  });
});

Deno.test("the cancelled run of a worker that was killed is ended too", async () => {
  await withDashboard(async ({ ask, queue, directory }) => {
    await add(queue, { id: "a", command: "sleep 600" });
    const worker = start(directory, ["worker", "start"]);
    const run = async (): Promise<string | undefined> => (await queue.get(["a"]))[0]!.run;
    const mark = `QUEUECTL_RUN=${await waitUntil("the run", run)}`;
    await waitUntil("its process", () => processesWith(mark).length > 0);
    worker.kill("SIGKILL");
    await worker.output();
    assert.equal((await ask("POST", "/jobs/a/cancel")).status, 200);
    await waitUntil("the end of the process", () => processesWith(mark).length === 0);
    assert.equal((await ask("GET", "/jobs/a")).document.run, undefined);
  });
});

Deno.test("the last page has no cursor, also when it is full", async () => {
  await withDashboard(async ({ ask, queue }) => {
    await add(queue, ...["a", "b", "c", "d"].map((id) => ({ id, command: "true" })));
    const first = (await ask("GET", "/jobs?limit=2")).document;
    const last = (await ask("GET", `/jobs?limit=2&cursor=${first.cursor}`)).document;
    assert.deepEqual(last.jobs.map(({ id }: { id: string }) => id), ["b", "a"]);
    assert.equal(last.cursor, null);
    assert.equal((await ask("GET", "/jobs?limit=4")).document.cursor, null);
  });
});

Deno.test("what goes beyond the limit is not shown of a log that is followed, but that it was cut", async () => {
  await withDashboard(async ({ queue, origin, directory }) => {
    await queue.setConfig("log_limit_bytes", 1024);
    await add(queue, { id: "a", command: "true" });
    const seat = await queue.join("worker-test");
    const { run } = await take(seat);
    const file = `${directory}/logs/a.${run}.log`;
    await Deno.writeTextFile(file, "x".repeat(2000));
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const { body } = await fetch(`${origin}/api/jobs/a/log/events`, { headers });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!/x/.test(text)) text += (await reader.read()).value;
    // As the worker does it, while the run goes on and at its end.
    await Deno.truncate(file, 1024);
    await Deno.writeTextFile(file, "[cut]", { append: true });
    await seat.settle({ id: "a", run: run! }, SUCCESS, false);
    while (!/event: end/.test(text)) text += (await reader.read()).value;
    await reader.cancel();
    const shown = [...text.matchAll(/event: text\ndata: (.*)/g)].map(([, data]) =>
      JSON.parse(data!)
    );
    assert.equal(shown.join(""), `${"x".repeat(1024)}[cut]`);
    await seat.leave();
  });
});

Deno.test({
  name:
    "what comes while jobs.json is brought up to date is in it too, and nothing goes on after the end",
  // The time until the next checkpoint must not go on.
  sanitizeOps: true,
  fn: async () => {
    const begun: PromiseWithResolvers<boolean>[] = [];
    let real: Queue | undefined;
    const checkpoint = (): Promise<boolean> => {
      const end = Promise.withResolvers<boolean>();
      begun.push(end);
      return end.promise;
    };
    const queue = new Proxy({}, {
      get: (_, name) => name === "checkpoint" ? checkpoint : real?.[name as keyof Queue],
    }) as Queue;
    await withDashboard(async (dashboard) => {
      real = dashboard.queue;
      await dashboard.ask("POST", "/pause");
      await waitUntil("the first one", () => begun.length === 1);
      await dashboard.ask("POST", "/resume");
      begun[0]!.resolve(true);
      await waitUntil("the second one", () => begun.length === 2);
      begun[1]!.resolve(true);
      await dashboard.ask("POST", "/pause");
      assert.equal(begun.length, 2);
    }, { queue });
  },
});
