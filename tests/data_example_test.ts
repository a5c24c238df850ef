import assert from "node:assert/strict";
import { program, ROOT } from "./support/cli.ts";
import { withDirectory } from "./support/temporary.ts";

Deno.test("the example data is a queue that works", async () => {
  await withDirectory(async (directory) => {
    for (const name of ["jobs.json", "dlq.json", "config.json"]) {
      Deno.copyFileSync(`${ROOT}data.example/${name}`, `${directory}/${name}`);
    }
    const status = JSON.parse((await program(directory, ["status", "--json"])).stdout);
    assert.deepEqual(status.counts, {
      pending: 2,
      processing: 0,
      completed: 2,
      failed: 0,
      dead: 1,
      cancelled: 0,
    });
    assert.equal((await program(directory, ["config", "get", "max_retries"])).stdout, "5\n");
    assert.equal(
      (await program(directory, ["enqueue", "-i", "new", "-c", "true"])).stdout,
      "new\n",
    );
    const list = JSON.parse((await program(directory, ["list", "--json"])).stdout);
    assert.equal(list.total, 6);
  });
});
