import assert from "node:assert/strict";
import fc from "fast-check";
import { beside, isBeside, isRunLog, machinePathsOf, runLogPath } from "../../src/machine/paths.ts";
import { isJobId } from "../../src/model/job.ts";

const paths = machinePathsOf("/queue");
const LONGEST_NAME = 255;

const id = fc.stringMatching(/^[A-Za-z0-9_:][A-Za-z0-9._:-]{0,127}$/);
const run = fc.stringMatching(/^[0-9a-z]{16}$/);

Deno.test("the log of a run has a name that every file system takes and that is known for one", () => {
  fc.assert(fc.property(id, run, (job, made) => {
    assert.ok(isJobId(job));
    const [, folder, name] = /^(.*)\/([^/]+)$/.exec(runLogPath(paths, job, made))!;
    assert.equal(folder, "/queue/logs");
    assert.match(name!, /^[a-z0-9._-]+$/);
    assert.ok(name!.length <= LONGEST_NAME && isRunLog(name!), name);
  }));
});

Deno.test("two runs have two logs, whatever their jobs are called", () => {
  fc.assert(fc.property(id, id, run, run, (one, other, made, madeToo) => {
    fc.pre(made !== madeToo);
    assert.notEqual(
      runLogPath(paths, one, made).toLowerCase(),
      runLogPath(paths, other, madeToo).toLowerCase(),
    );
  }));
  assert.ok(!isRunLog("on_finish.log"));
  assert.ok(!isRunLog("worker-a1.log"));
});

Deno.test("a name beside a file is new each time, and known for what it is", () => {
  const names = Array.from({ length: 100 }, () => beside("/queue/jobs.json"));
  assert.equal(new Set(names).size, names.length);
  for (const name of names) {
    assert.ok(isBeside(name, "/queue/jobs.json"));
    assert.ok(!isBeside(name, "/queue/dlq.json"));
    assert.ok(!isBeside(`${name}.kept`, "/queue/jobs.json"));
  }
});
