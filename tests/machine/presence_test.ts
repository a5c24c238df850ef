import assert from "node:assert/strict";
import {
  closeGate,
  findDead,
  findDeadBeside,
  isLocal,
  removeTraces,
} from "../../src/machine/dead_worker.ts";
import { type MachinePaths, machinePathsOf, workerPaths } from "../../src/machine/paths.ts";
import { Presence } from "../../src/machine/presence.ts";
import { here } from "../../src/machine/place.ts";
import { removeWorkerLogs } from "../../src/machine/worker_logs.ts";
import { isAlive, readWorkerFile, workerIds } from "../../src/machine/worker_file.ts";
import { contents } from "../support/files.ts";
import { withDirectory } from "../support/temporary.ts";

const NOW = "2030-01-01T00:00:00.000Z";

async function withRoom(work: (paths: MachinePaths) => void): Promise<void> {
  await withDirectory((directory) => {
    const paths = machinePathsOf(directory);
    Presence.makeRoom(paths, undefined);
    work(paths);
  });
}

/** What a worker leaves that was killed: its files, and a lock that nobody holds. */
function leaveDead(paths: MachinePaths, id: string, place = here()): void {
  const { data, lock } = workerPaths(paths, id);
  Deno.writeTextFileSync(lock, "");
  const { ino } = Deno.statSync(lock);
  Deno.writeTextFileSync(
    data,
    JSON.stringify({ id, pid: 1, lock: ino, ...place, started_at: NOW }),
  );
}

Deno.test("a worker is there from when it takes its place until it leaves, and only its log stays", async () => {
  await withRoom((paths) => {
    const presence = Presence.take(paths, undefined, "w1", NOW);
    assert.throws(() => Presence.take(paths, undefined, "w1", NOW), { code: "conflict" });
    assert.ok(presence.isThere());
    assert.ok(isAlive(paths, "w1"));
    assert.equal(readWorkerFile(paths, "w1")?.pid, Deno.pid);
    assert.deepEqual(findDead(paths, []), [], "it holds its lock");
    presence.log("said\n");
    presence.leave();
    assert.ok(!presence.isThere());
    assert.ok(!isAlive(paths, "w1"));
    assert.deepEqual(contents(paths.directory), { "logs/w1.log": "said\n" });
  });
});

Deno.test("a dead worker is found at once, by one finder at a time, and not by who knows it to live", async () => {
  await withRoom((paths) => {
    leaveDead(paths, "w1");
    leaveDead(paths, "w2");
    const [found, ...others] = findDead(paths, ["w2"]);
    assert.equal(found?.id, "w1");
    assert.deepEqual(others, []);
    assert.deepEqual(findDead(paths, ["w2"]), [], "it is held");
    found.lock.close();
    const again = findDead(paths, []);
    assert.deepEqual(again.map(({ id }) => id), ["w1", "w2"]);
    for (const { lock } of again) lock.close();
  });
});

Deno.test("a worker on another host is never taken for dead, one from before the last start is", async () => {
  await withRoom((paths) => {
    leaveDead(paths, "elsewhere", { ...here(), host: "another", boot: "another" });
    leaveDead(paths, "contained", { ...here(), pid_namespace: "pid:[1]" });
    leaveDead(paths, "earlier", { ...here(), boot: "another", pid_namespace: "pid:[1]" });
    assert.ok(!isLocal(paths, "elsewhere"));
    assert.ok(!isLocal(paths, "contained"));
    const found = findDead(paths, []);
    assert.deepEqual(found.map(({ id }) => id), ["earlier"]);
    for (const { lock } of found) lock.close();
    const beside = findDeadBeside(paths, () => true);
    assert.deepEqual(beside.map(({ id }) => id), ["contained"]);
    for (const { lock } of beside) lock.close();
    assert.deepEqual(findDeadBeside(paths, () => false), []);
  });
});

Deno.test("a worker is on this machine though the machine has another name by now", async () => {
  await withRoom((paths) => {
    leaveDead(paths, "before", { ...here(), host: "as it was called" });
    const found = findDead(paths, []);
    assert.deepEqual(found.map(({ id }) => id), ["before"]);
    for (const { lock } of found) lock.close();
  });
});

Deno.test("in a copy of the directory no worker of the original is taken for dead", async () => {
  await withRoom((paths) => {
    const presence = Presence.take(paths, undefined, "w1", NOW);
    leaveDead(paths, "w2");
    const copy = machinePathsOf(`${paths.directory}/copy`);
    Presence.makeRoom(copy, undefined);
    for (const { name } of Deno.readDirSync(paths.workers)) {
      Deno.copyFileSync(`${paths.workers}/${name}`, `${copy.workers}/${name}`);
    }
    assert.deepEqual(findDead(copy, []), []);
    Deno.renameSync(copy.workers, `${copy.directory}/moved`);
    Deno.renameSync(paths.workers, copy.workers);
    const found = findDead(copy, []);
    assert.deepEqual(found.map(({ id }) => id), ["w2"], "moved, not copied");
    for (const { lock } of found) lock.close();
    Deno.renameSync(copy.workers, paths.workers);
    presence.leave();
  });
});

Deno.test("a worker that is given up knows it, and is known until nothing of it is left", async () => {
  await withRoom((paths) => {
    const presence = Presence.take(paths, undefined, "w1", NOW);
    closeGate(paths, "w1");
    assert.ok(!presence.isThere());
    assert.equal(readWorkerFile(paths, "w1")?.id, "w1");
    assert.deepEqual(workerIds(paths), ["w1"]);
    closeGate(paths, "w1");
    removeTraces(paths, "w1", false);
    assert.deepEqual(workerIds(paths), []);
    assert.ok(isAlive(paths, "w1"), "it is frozen, not dead");
    presence.leave();
    assert.deepEqual(Object.keys(contents(paths.directory)), ["logs/w1.log"]);
  });
});

Deno.test("locks and requests that nobody knows any more go, but not those that are being made", async () => {
  await withRoom((paths) => {
    const names = ["given-up.lock", "new.lock", "a.stop.1-2-abc.tmp", "lives.lock", "lives.json"];
    for (const name of names) Deno.writeTextFileSync(`${paths.workers}/${name}`, "{}");
    const old = new Date(Date.now() - 3_600_000);
    for (const name of names.filter((name) => !name.startsWith("new"))) {
      Deno.utimeSync(`${paths.workers}/${name}`, old, old);
    }
    using lock = Deno.openSync(`${paths.workers}/lives.lock`, { read: true, write: true });
    lock.lockSync(true);
    assert.deepEqual(findDead(paths, []), []);
    const left = contents(paths.workers);
    assert.deepEqual(Object.keys(left).sort(), ["lives.json", "lives.lock", "new.lock"]);
  });
});

Deno.test("a file that a worker did not finish says nothing of it", async () => {
  await withRoom((paths) => {
    leaveDead(paths, "w1");
    Deno.writeTextFileSync(workerPaths(paths, "w1").data, `{"id":"w1","pi`);
    assert.equal(readWorkerFile(paths, "w1"), undefined);
    const found = findDead(paths, []);
    assert.deepEqual(found.map(({ id }) => id), ["w1"]);
    for (const { lock } of found) lock.close();
  });
});

Deno.test("where one worker cannot be looked at, the dead ones that were found before are let go", async () => {
  await withRoom((paths) => {
    leaveDead(paths, "w1");
    leaveDead(paths, "w2");
    const { lock } = workerPaths(paths, "w2");
    Deno.removeSync(lock);
    Deno.mkdirSync(lock);
    const { data } = workerPaths(paths, "w2");
    const { ino } = Deno.statSync(lock);
    const file = { id: "w2", pid: 1, lock: ino, ...here(), started_at: NOW };
    Deno.writeTextFileSync(data, JSON.stringify(file));
    assert.throws(() => findDead(paths, []));
    Deno.removeSync(lock);
    const found = findDead(paths, []);
    assert.deepEqual(found.map(({ id }) => id), ["w1"]);
    for (const each of found) each.lock.close();
  });
});

Deno.test("a worker that could not come to the end of its coming leaves nothing that looks alive", async () => {
  await withRoom((paths) => {
    const { openSync } = Deno;
    Deno.openSync = (path, options): Deno.FsFile => {
      if (String(path).endsWith(".log")) throw new Error("No space left on device (os error 28)");
      return openSync(path, options);
    };
    try {
      assert.throws(() => Presence.take(paths, undefined, "w1", NOW), /No space left/);
    } finally {
      Deno.openSync = openSync;
    }
    assert.deepEqual(contents(paths.directory), {});
    Presence.take(paths, undefined, "w1", NOW).leave();
  });
});

Deno.test("a worker's log that has grown too long is set aside, and goes with the other", async () => {
  await withRoom((paths) => {
    const presence = Presence.take(paths, undefined, "worker-1", NOW);
    const { log } = workerPaths(paths, "worker-1");
    for (const text of ["first\n", "second\n", "third\n", "fourth\n"]) presence.log(text, 10);
    assert.equal(Deno.readTextFileSync(log), "third\nfourth\n");
    assert.equal(Deno.readTextFileSync(`${log}.1`), "first\nsecond\n");
    presence.leave();
    removeWorkerLogs(paths, Date.now() + 1_000);
    assert.deepEqual([...Deno.readDirSync(paths.logs)], []);
  });
});
