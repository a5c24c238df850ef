/** Queues on servers, with the real program: what happens when something dies, hangs or is cut off. */
import assert from "node:assert/strict";
import type { Job } from "../src/model/job.ts";
import { ok, program, show, start } from "./support/cli.ts";
import { isRunning } from "./support/processes.ts";
import { startProxy } from "./support/proxy.ts";
import { isInstalled, type Server, withServer } from "./support/servers.ts";
import { withDirectory } from "./support/temporary.ts";
import { waitUntil } from "./support/wait_until.ts";

/** A server, and two machines that use it: each has a data directory of its own. */
interface Given {
  readonly server: Server;
  readonly store: string;
  readonly here: string;
  readonly there: string;
}

function test(sentence: string, body: (given: Given) => Promise<void>): void {
  for (const kind of ["redis", "postgres"] as const) {
    Deno.test({
      name: `${kind}: ${sentence}`,
      ignore: !isInstalled(kind),
      fn: () =>
        withServer(
          kind,
          (server) =>
            withDirectory((here) =>
              withDirectory((there) => body({ server, store: server.store("test"), here, there }))
            ),
        ),
    });
  }
}

function linesOf(path: string): readonly string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  } catch {
    return [];
  }
}

function startWorkers(
  directory: string,
  store: string,
  ...more: readonly string[]
): Deno.ChildProcess {
  return start(directory, ["worker", "start", "--store", store, ...more]);
}

async function end(child: Deno.ChildProcess, signal: Deno.Signal): Promise<number> {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
  return (await child.output()).code;
}

async function enqueue(
  directory: string,
  store: string,
  jobs: readonly Record<string, unknown>[],
): Promise<void> {
  const lines = jobs.map((job) => `${JSON.stringify(job)}\n`).join("");
  const { code, stderr } = await program(
    directory,
    ["enqueue", "--store", store, "--file", "-"],
    lines,
  );
  assert.equal(code, 0, stderr);
}

async function counts(directory: string, store: string): Promise<Record<string, number>> {
  return JSON.parse(await ok(directory, "status", "--store", store, "--json")).counts;
}

async function countWorkers(directory: string, store: string): Promise<number> {
  return JSON.parse(await ok(directory, "worker", "list", "--json", "--store", store))
    .workers.length;
}

test("two processes with two workers each run 2,000 jobs, each once", async ({ store, here, there }) => {
  const ran = `${here}/ran`;
  const command = `echo "$QUEUECTL_JOB" >> ${ran}`;
  await enqueue(
    here,
    store,
    Array.from({ length: 2000 }, (_, index) => ({ id: `j${index}`, command })),
  );
  const drains = [here, there].map((machine) => startWorkers(machine, store, "-n", "2", "--drain"));
  for (const drain of drains) assert.equal((await drain.output()).code, 0);
  const ids = linesOf(ran);
  assert.equal(ids.length, 2000);
  assert.equal(new Set(ids).size, 2000);
  assert.equal((await counts(here, store)).completed, 2000);
});

/** A job that notes the pid of each of its runs, and goes on until the file `go` is there. */
function patient(here: string): Record<string, unknown> {
  const command = `echo $$ >> ${here}/pids; while [ ! -e ${here}/go ]; do sleep 0.05; done`;
  return { id: "patient", command };
}

function pids(here: string): readonly number[] {
  return linesOf(`${here}/pids`).map(Number);
}

/** Whoever is left over of a run that nobody could end. */
function endRest(here: string): void {
  for (const pid of pids(here)) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

test("workers killed with -9 on one machine: those of another take over when the lease is out", async ({ store, here, there }) => {
  await ok(here, "config", "set", "lease_seconds", "2", "--store", store);
  await ok(here, "config", "set", "backoff_base", "0", "--store", store);
  await enqueue(here, store, [patient(here)]);
  const first = startWorkers(here, store);
  await waitUntil("the first run", () => pids(here).length === 1);
  const second = startWorkers(there, store);
  await end(first, "SIGKILL");
  try {
    await waitUntil("the second run", () => pids(here).length === 2);
    Deno.writeTextFileSync(`${here}/go`, "");
    await ok(there, "wait", "patient", "--timeout", "20", "--store", store);
    const job = JSON.parse(await ok(there, "show", "patient", "--json", "--store", store));
    assert.equal(job.attempts, 2);
    assert.match(job.history[0].error, /worker lost/);
    assert.equal(await end(second, "SIGTERM"), 0);
  } finally {
    endRest(here);
  }
});

test("workers killed with -9 on the same machine: others end what is left and take over at once", async ({ store, here }) => {
  await ok(here, "config", "set", "backoff_base", "0", "--store", store);
  await enqueue(here, store, [patient(here)]);
  const first = startWorkers(here, store);
  await waitUntil("the first run", () => pids(here).length === 1);
  const second = startWorkers(here, store);
  await waitUntil("the second worker", async () => await countWorkers(here, store) === 2);
  await end(first, "SIGKILL");
  const died = performance.now();
  await waitUntil("the second run", () => pids(here).length === 2);
  assert.ok(performance.now() - died < 15_000, "longer than a lock tells, as the lease is 60 s");
  assert.ok(!isRunning(pids(here)[0]!), "the first run still goes on");
  Deno.writeTextFileSync(`${here}/go`, "");
  await ok(here, "wait", "patient", "--timeout", "20", "--store", store);
  assert.equal(await end(second, "SIGTERM"), 0);
});

test("a server killed with -9 in the middle and started again: every job ends", async ({ server, store, here, there }) => {
  const ran = `${here}/ran`;
  await ok(here, "config", "set", "lease_seconds", "5", "--store", store);
  await ok(here, "config", "set", "backoff_base", "0", "--store", store);
  const machines = [here, there].map((machine) => startWorkers(machine, store, "-n", "2"));
  await waitUntil("all four workers", async () => await countWorkers(here, store) === 4);
  const command = `echo "$QUEUECTL_JOB" >> ${ran}; sleep 0.05`;
  await enqueue(
    here,
    store,
    Array.from({ length: 80 }, (_, index) => ({ id: `j${index}`, command })),
  );
  await waitUntil("some runs", () => linesOf(ran).length >= 20);
  await server.kill();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await server.start();
  await waitUntil("all of them", async () => (await counts(here, store)).completed === 80, 60);
  assert.equal(new Set(linesOf(ran)).size, 80);
  for (const machine of machines) assert.equal(await end(machine, "SIGTERM"), 0);
});

test("a worker that was frozen past its lease does no harm when it wakes up", async ({ store, here, there }) => {
  await ok(here, "config", "set", "lease_seconds", "2", "--store", store);
  await ok(here, "config", "set", "backoff_base", "0", "--store", store);
  await enqueue(here, store, [{ id: "a", command: `echo $$ >> ${here}/pids; sleep 1` }]);
  const frozen = startWorkers(here, store);
  await waitUntil("the first run", () => pids(here).length === 1);
  frozen.kill("SIGSTOP");
  const healthy = startWorkers(there, store);
  await ok(there, "wait", "a", "--timeout", "30", "--store", store);
  const ended = JSON.parse(await ok(there, "show", "a", "--json", "--store", store));
  frozen.kill("SIGCONT");
  await enqueue(here, store, [{ id: "b", command: "true" }, { id: "c", command: "true" }]);
  await ok(there, "wait", "--timeout", "30", "--store", store);
  assert.deepEqual(JSON.parse(await ok(there, "show", "a", "--json", "--store", store)), ended);
  assert.equal(ended.history.length, 2);
  for (const machine of [frozen, healthy]) assert.equal(await end(machine, "SIGTERM"), 0);
});

test("a machine that is cut off ends its run before another one gets the job", async ({ server, store, here, there }) => {
  await ok(here, "config", "set", "lease_seconds", "4", "--store", store);
  await ok(here, "config", "set", "backoff_base", "0", "--store", store);
  const network = startProxy(server.port);
  await enqueue(here, store, [patient(here)]);
  const cutOff = startWorkers(here, store.replace(`:${server.port}`, `:${network.port}`));
  try {
    await waitUntil("the first run", () => pids(here).length === 1);
    network.cut();
    const other = startWorkers(there, store);
    await waitUntil("the second run", () => pids(here).length === 2);
    assert.ok(!isRunning(pids(here)[0]!), "two runs at a time");
    network.mend();
    Deno.writeTextFileSync(`${here}/go`, "");
    await ok(there, "wait", "patient", "--timeout", "30", "--store", store);
    await ok(here, "enqueue", "--id", "later", "--command", "true", "--store", store);
    await ok(there, "wait", "later", "--timeout", "30", "--store", store);
    for (const machine of [cutOff, other]) assert.equal(await end(machine, "SIGTERM"), 0);
  } finally {
    network.close();
    endRest(here);
  }
});

test("a job that runs on another machine is cancelled, its output read and its workers stopped from here", async ({ store, here, there }) => {
  await enqueue(here, store, [{
    id: "long",
    command: `echo $$ >> ${here}/pids; echo begun; sleep 100`,
  }]);
  const machine = startWorkers(there, store, "-n", "2");
  await waitUntil("the run", () => pids(here).length === 1);
  await waitUntil(
    "its output",
    async () => (await program(here, ["logs", "long", "--store", store])).stdout === "begun\n",
  );
  await ok(here, "cancel", "long", "--store", store);
  await waitUntil("its end", () => !isRunning(pids(here)[0]!));
  await waitUntil("the record", async () => {
    const { state, run } = JSON.parse(await ok(here, "show", "long", "--json", "--store", store));
    return state === "cancelled" && run === undefined;
  });
  assert.equal(await ok(here, "logs", "long", "--store", store), "begun\n");
  await ok(here, "worker", "stop", "--wait", "--timeout", "20", "--store", store);
  assert.equal((await machine.output()).code, 0);
});

test("an idle worker on another machine starts a new job soon, and a retry too", async ({ store, here, there }) => {
  await ok(here, "config", "set", "backoff_base", "0.1", "--store", store);
  const machine = startWorkers(there, store);
  await waitUntil("the worker", async () => await countWorkers(here, store) === 1);
  const command = `date +%s%N >> ${here}/ran; test $(wc -l < ${here}/ran) -ge 3`;
  await enqueue(here, store, [{ id: "a", command }]);
  await ok(here, "wait", "a", "--timeout", "20", "--store", store);
  assert.equal(linesOf(`${here}/ran`).length, 3);
  assert.equal(await end(machine, "SIGTERM"), 0);
});

test("a queue moves from files to the server and back, however often that is interrupted", async ({ store, here, there }) => {
  await ok(here, "enqueue", "--id", "done", "--command", "echo output of done");
  await ok(here, "enqueue", "--id", "bad", "--command", "exit 9", "--max-retries", "0");
  await ok(here, "worker", "start", "--drain");
  const jobs = Array.from({ length: 1500 }, (_, index) => `{"id":"w${index}","command":"true"}\n`);
  await program(here, ["enqueue", "--file", "-"], jobs.join(""));
  await ok(here, "enqueue", "--id", "last", "--depends-on", "w7", "--command", "true");
  await ok(here, "config", "set", "max_retries", "5");
  assert.match(await ok(here, "migrate", "--to", store, "--dry-run"), /would move 1503 jobs/);
  const arrived = async (): Promise<number> =>
    JSON.parse(await ok(there, "list", "--json", "--store", store)).total;
  assert.equal(await arrived(), 0, "a dry run moves nothing");
  for (const patience of [300, 700, 1_100]) {
    const interrupted = start(here, ["migrate", "--to", store]);
    await new Promise((resolve) => setTimeout(resolve, patience));
    await end(interrupted, "SIGKILL");
  }
  await ok(here, "migrate", "--to", store);
  assert.equal(JSON.parse(await ok(here, "list", "--json")).total, 0);
  assert.equal(await arrived(), 1503);
  assert.equal(await ok(there, "logs", "done", "--store", store), "output of done\n");
  assert.equal(await ok(there, "config", "get", "max_retries", "--store", store), "5\n");
  for (const place of [[], ["--store", store]]) {
    const { paused } = JSON.parse(await ok(here, "status", "--json", ...place));
    assert.equal(paused, false, `paused for the move: ${place}`);
  }
  await ok(there, "migrate", "--from", store);
  assert.equal(await arrived(), 0);
  const back = JSON.parse(await ok(there, "list", "--json"));
  assert.equal(back.total, 1503);
  const first = back.jobs.at(-1);
  assert.deepEqual([first.id, first.state, first.history.length], ["done", "completed", 1]);
  assert.equal((await show(there, "bad")).state, "dead");
  await ok(there, "doctor");
});

test("of two machines one moves a queue, and the other when that one is dead", async ({ store, here, there }) => {
  await ok(here, "enqueue", "--id", "runs", "--command", "sleep 600");
  await enqueue(there, store, [{ id: "waits", command: "true" }]);
  const worker = start(here, ["worker", "start"]);
  await waitUntil("the run", async () => (await show(here, "runs")).state === "processing");
  const moving = start(here, ["migrate", "--to", store]);
  const isPaused = async (): Promise<boolean> =>
    JSON.parse(await ok(there, "status", "--json", "--store", store)).paused;
  await waitUntil("the move", isPaused);
  const second = await program(there, ["migrate", "--from", store]);
  assert.equal(second.code, 1, second.stderr);
  assert.match(second.stderr, /another `migrate` moves the jobs of/);
  assert.equal(await isPaused(), true);
  await end(moving, "SIGKILL");
  assert.match(await ok(there, "migrate", "--from", store), /^moved 1 job /);
  assert.equal(await isPaused(), false);
  assert.equal((await show(there, "waits")).state, "pending");
  await ok(here, "worker", "stop", "--force", "--wait");
  assert.equal((await worker.output()).code, 130);
});

test("what people do to a queue while it moves is not undone", async ({ store, here }) => {
  // So many that the move goes on for as long as people need, on a quick machine too.
  const count = 6_000;
  const jobs = Array.from({ length: count }, (_, index) => `{"id":"m${index}","command":"true"}\n`);
  await program(here, ["enqueue", "--file", "-"], jobs.join(""));
  const moving = start(here, ["migrate", "--to", store]);
  await waitUntil("the move", async () => JSON.parse(await ok(here, "status", "--json")).paused);
  const [cancelled, deleted, edited] = [1, 2, 3].map((back) => `m${count - back}`);
  await ok(here, "cancel", cancelled!);
  await ok(here, "delete", deleted!);
  await ok(here, "edit", edited!, "--command", "echo edited");
  await ok(here, "enqueue", "--id", "late", "--command", "true");
  assert.equal((await moving.output()).code, 0);
  await ok(here, "migrate", "--to", store);
  const there = JSON.parse(await ok(here, "list", "--json", "--store", store)).jobs;
  const byId = new Map(there.map((job: { id: string }) => [job.id, job]));
  assert.equal(byId.size, count);
  const found = [cancelled, deleted, edited, "late"].map((id) => byId.get(id) as Job | undefined);
  assert.deepEqual(found.map((job) => job && [job.state, job.command]), [
    ["cancelled", "true"],
    undefined,
    ["pending", "echo edited"],
    ["pending", "true"],
  ]);
});

test("output is kept whatever it is: binary, many lines, more than is kept", async ({ store, here }) => {
  const commands = {
    binary: `printf 'a\\0b\\377\\n'; printf 'bad\\0news\\n' >&2; exit 3`,
    lines: "for i in $(seq 70); do echo line $i; sleep 0.05; done",
    large: "seq 500000",
  };
  const given = Object.entries(commands).map(([id, command]) => ({ id, command, max_retries: 0 }));
  await enqueue(here, store, given);
  const drained = await startWorkers(here, store, "--drain", "-n", "3").output();
  assert.equal(drained.code, 0);
  const binary = await program(here, ["logs", "binary", "--store", store]);
  assert.equal(binary.stdout, "a\0b\uFFFD\nbad\0news\n");
  const job = JSON.parse(await ok(here, "show", "binary", "--json", "--store", store));
  assert.deepEqual([job.state, job.error], ["dead", "exit code 3: bad\uFFFDnews"]);
  const lines = await ok(here, "logs", "lines", "--store", store);
  assert.equal(lines, Array.from({ length: 70 }, (_, index) => `line ${index + 1}\n`).join(""));
  const large = await ok(here, "logs", "large", "--store", store);
  assert.match(large, /\[queuectl: \d+ bytes are not kept in this store\]\n/);
  assert.ok(large.startsWith("1\n2\n3\n") && large.endsWith("499999\n500000\n"));
});

test("who follows the output of a run gets all of it", async ({ store, here, there }) => {
  const command = "for i in 1 2 3 4; do echo line $i; sleep 0.3; done; echo end";
  await enqueue(here, store, [{ id: "f", command }]);
  const follow = program(there, ["logs", "f", "--follow", "--store", store]);
  assert.equal((await startWorkers(here, store, "--drain").output()).code, 0);
  assert.equal((await follow).stdout, "line 1\nline 2\nline 3\nline 4\nend\n");
});

test("what a server cannot do is refused", async ({ server, store, here }) => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await program(here, args);
    assert.notEqual(code, 0, args.join(" "));
    return `${code} ${stderr}`;
  };
  assert.match(await refused("checkpoint", "--store", store), /^2 .*has no files for `checkpoint`/);
  assert.match(await refused("doctor", "--store", store), /^2 .*has no files for `doctor`/);
  const high = ["enqueue", "--command", "true", "--priority", "1048576", "--store", store];
  assert.match(await refused(...high), /^2 .*cannot have the priority 1048576/);
  await ok(here, "enqueue", "--id", "stays", "--command", "true", "--store", store);
  const same = store.replace("127.0.0.1", "localhost");
  assert.match(await refused("migrate", "--to", same, "--store", store), /^2 .*are one queue/);
  assert.match(await refused("migrate", "--to", `${here}/`), /^2 .*are one queue/);
  const most = "5000000";
  await ok(here, "enqueue", "--id", "high", "--command", "true", "--priority", most);
  assert.match(await refused("migrate", "--to", store), /^2 .*cannot have the priority 5000000/);
  assert.equal(JSON.parse(await ok(here, "status", "--json")).paused, false);
  assert.equal((await counts(here, store)).pending, 1);
  await server.kill();
  const secret = store.replace("//", "//someone:secret@").replace("queuectl@", "");
  const silent = await refused("status", "--store", secret);
  assert.match(silent, /^1 queuectl: .*: nothing listens there/);
  assert.doesNotMatch(silent, /secret/);
  await server.start();
});

Deno.test("a URL that is no store is refused, and nothing is made", async () => {
  await withDirectory(async (directory) => {
    for (const store of ["mysql://localhost", "redis://x?queue=a%20b", "postgres:"]) {
      const { code, stderr } = await program(directory, ["list", "--store", `${store}`]);
      if (store === "postgres:") continue;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /is no store|is no name of a queue/);
    }
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  });
});

Deno.test("the store can be a setting of the data directory, or a variable", async () => {
  await withDirectory(async (directory) => {
    const { code, stderr } = await program(directory, ["config", "set", "store", "ftp://x"]);
    assert.equal(code, 2);
    assert.match(stderr, /'ftp:\/\/x' is no store/);
    await ok(directory, "config", "set", "store", "redis://127.0.0.1:1/0");
    const { stderr: unreachable } = await program(directory, ["list"]);
    assert.match(unreachable, /redis:\/\/127\.0\.0\.1:1\/0: nothing listens there/);
    assert.equal(await ok(directory, "config", "get", "store"), "redis://127.0.0.1:1/0\n");
    await ok(directory, "config", "unset", "store");
    await ok(directory, "list");
  });
});
