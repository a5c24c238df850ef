/** What goes on until it is ended: status --watch, worker logs --follow, logs --follow, a long drain. */
import assert from "node:assert/strict";
import { ok, program, start } from "../support/cli.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Collects what a process prints. */
function said(child: Deno.ChildProcess): { text: string; readonly over: Promise<void> } {
  const collected = { text: "", over: Promise.resolve() };
  const read = async (): Promise<void> => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
      collected.text += piece;
    }
  };
  collected.over = read();
  return collected;
}

Deno.test("status --watch shows the queue again when it changes, until Ctrl-C", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "--", "true");
    const watch = start(directory, ["status", "--watch", "--json"]);
    const output = said(watch);
    await waitUntil("it shows one job", () => /"pending":1,/.test(output.text));
    await ok(directory, "enqueue", "--", "true");
    await waitUntil("it shows two", () => /"pending":2,/.test(output.text));
    watch.kill("SIGINT");
    const { code, signal } = await watch.status;
    assert.ok(signal === "SIGINT" || code === 130);
    await Promise.all([output.over, watch.stderr.cancel()]);
    const shown = output.text.trim().split("\n");
    assert.equal(new Set(shown).size, shown.length, "in a pipe only what is new");
  });
});

Deno.test("list --watch shows the jobs again when they change, and says when there are none", async () => {
  await withDirectory(async (directory) => {
    const watch = start(directory, ["list", "--watch"]);
    const output = said(watch);
    await waitUntil("it says so", () => output.text === "the queue is empty\n");
    await ok(directory, "enqueue", "--id", "first", "--", "true");
    await waitUntil("it shows one", () => /\nfirst +pending/.test(output.text));
    await ok(directory, "cancel", "first");
    await waitUntil("it shows the change", () => /\nfirst +cancelled/.test(output.text));
    watch.kill("SIGINT");
    await watch.status;
    await Promise.all([output.over, watch.stderr.cancel()]);
    assert.equal(output.text.match(/^ID /gm)?.length, 2, "in a pipe only what is new");
  });
});

Deno.test("list --watch shows what runs above all that waits", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "--id", "runs", "--", "sleep", "60");
    const workers = start(directory, ["worker", "start"]);
    await waitUntil(
      "it runs",
      async () => JSON.parse(await ok(directory, "status", "--json")).counts.processing === 1,
    );
    for (const id of ["one", "two"]) await ok(directory, "enqueue", "--id", id, "--", "true");
    const watch = start(directory, ["list", "--watch"]);
    const output = said(watch);
    await waitUntil("it shows them", () => /^two/m.test(output.text));
    const ids = [...output.text.matchAll(/^(runs|one|two) /gm)].map(([, id]) => id);
    assert.deepEqual(ids, ["runs", "two", "one"]);
    watch.kill("SIGINT");
    await watch.status;
    await ok(directory, "worker", "stop", "--force", "--wait");
    await workers.status;
    await Promise.all([output.over, watch.stderr.cancel()]);
    await Promise.all([workers.stdout.cancel(), workers.stderr.cancel()]);
  });
});

Deno.test("worker logs --follow prints what comes, and ends with the worker", async () => {
  await withDirectory(async (directory) => {
    const id = (await ok(directory, "worker", "start", "--detach")).trim();
    const follow = start(directory, ["worker", "logs", id.slice(0, -2), "--follow"]);
    const output = said(follow);
    await waitUntil("it has begun", () => output.text.includes("started"));
    await ok(directory, "enqueue", "--id", "hello", "--", "true");
    await waitUntil("it tells of the job", () => output.text.includes("completed hello"));
    await ok(directory, "worker", "stop", "--wait");
    assert.equal((await follow.status).code, 0);
    await Promise.all([output.over, follow.stderr.cancel()]);
    assert.match(output.text, /stopped\n$/);
    assert.match(await ok(directory, "worker", "logs", id, "--lines", "1"), /^\S+ \S+ stopped\n$/);
  });
});

Deno.test("workers go on, and can be stopped, when nobody reads their events", async () => {
  await withDirectory(async (directory) => {
    const workers = start(directory, ["worker", "start"]);
    // A pipe takes 64 KiB; each of these jobs is told of in some 200 bytes.
    const jobs = Array.from({ length: 500 }, () => `{"command":"true"}\n`);
    await program(directory, ["enqueue", "--file", "-"], jobs.join(""));
    await ok(directory, "wait", "--timeout", "60");
    await ok(directory, "enqueue", "--id", "late", "--", "true");
    await ok(directory, "wait", "late", "--timeout", "20");
    workers.kill("SIGTERM");
    assert.equal((await workers.status).code, 0);
    await Promise.all([workers.stdout.cancel(), workers.stderr.cancel()]);
  });
});

Deno.test("a drain that has to wait long says what for", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "enqueue", "--id", "later", "--delay", "1h", "--", "true");
    const drain = start(directory, ["worker", "start", "--drain"]);
    const output = said(drain);
    await waitUntil("it says so", () => /waiting for the next job, due at 20/.test(output.text));
    await ok(directory, "edit", "later", "--delay", "0");
    assert.equal((await drain.status).code, 0);
    await Promise.all([output.over, drain.stderr.cancel()]);
    assert.match(output.text, /completed later/);
  });
});
