import assert from "node:assert/strict";
import { type MachinePaths, machinePathsOf, workerPaths } from "../../src/machine/paths.ts";
import { Presence } from "../../src/machine/presence.ts";
import { findWorkerLog, removeWorkerLogs } from "../../src/machine/worker_logs.ts";
import { withDirectory } from "../support/temporary.ts";

const NOW = Date.parse("2030-01-01T00:00:00.000Z");

async function withLogs(
  ids: readonly string[],
  work: (paths: MachinePaths) => void,
): Promise<void> {
  await withDirectory((directory) => {
    const paths = machinePathsOf(directory);
    Presence.makeRoom(paths, undefined);
    for (const id of ids) Deno.writeTextFileSync(workerPaths(paths, id).log, `said by ${id}\n`);
    work(paths);
  });
}

function logs(paths: MachinePaths): readonly string[] {
  return [...Deno.readDirSync(paths.logs)].map(({ name }) => name).sort();
}

Deno.test("the logs of workers that left long ago go, and no other log", async () => {
  await withLogs(["worker-old", "worker-new"], (paths) => {
    const idle = Presence.take(paths, undefined, "worker-idle", "2030-01-01T00:00:00.000Z");
    Deno.writeTextFileSync(`${paths.logs}/job.r1.log`, "");
    Deno.writeTextFileSync(`${paths.logs}/on_finish.log`, "");
    for (const name of logs(paths)) {
      const age = name === "worker-new.log" ? 0 : 3_600_000;
      Deno.utimeSync(`${paths.logs}/${name}`, new Date(NOW - age), new Date(NOW - age));
    }
    removeWorkerLogs(paths, NOW);
    const others = ["job.r1.log", "on_finish.log", "worker-idle.log", "worker-new.log"];
    assert.deepEqual(logs(paths), others, "a worker that is idle for long has not left");
    idle.leave();
    removeWorkerLogs(paths, NOW);
    assert.deepEqual(logs(paths), others.filter((name) => name !== "worker-idle.log"));
  });
});

Deno.test("a worker's log is found by its id, or by a beginning that no other has", async () => {
  await withLogs(["worker-a", "worker-ab", "worker-c"], (paths) => {
    assert.equal(findWorkerLog(paths, "worker-a").id, "worker-a");
    assert.equal(findWorkerLog(paths, "worker-c").alive, false);
    assert.equal(findWorkerLog(paths, "worker-ab").id, "worker-ab");
    for (const word of ["worker-", "w"]) {
      assert.throws(() => findWorkerLog(paths, word), { code: "conflict" }, word);
    }
    for (const word of ["", "worker-x", "../worker-a"]) {
      assert.throws(() => findWorkerLog(paths, word), { code: "not_found" }, word);
    }
  });
});
