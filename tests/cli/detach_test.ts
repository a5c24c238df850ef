import assert from "node:assert/strict";
import { ok, start } from "../support/cli.ts";
import { processesWith } from "../support/processes.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test({
  name: "workers that a job starts in the background are none of its processes: they outlive it",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withDirectory(async (directory) => {
      const run = `run-${crypto.randomUUID()}`;
      const starting = start(directory, ["worker", "start", "--detach"], {
        env: { QUEUECTL_RUN: run, QUEUECTL_JOB: "a", QUEUECTL_ATTEMPT: "1" },
      });
      assert.equal((await starting.output()).code, 0);
      try {
        assert.deepEqual(processesWith(`QUEUECTL_RUN=${run}`), []);
        const { workers } = JSON.parse(await ok(directory, "worker", "list", "--json"));
        assert.equal(workers.length, 1);
        assert.equal(workers[0].alive, true);
      } finally {
        await ok(directory, "worker", "stop", "--wait");
      }
    }),
});
