/** The setting that says where the queue is, and who has the last word about that. */
import assert from "node:assert/strict";
import { ok, queuectl } from "../support/cli.ts";
import { withDirectory } from "../support/temporary.ts";

const STORE = "redis://me:secret@127.0.0.1:1/0";

Deno.test("the password of the store is told to who asks for the setting alone, and shown nowhere else", async () => {
  await withDirectory(async (directory) => {
    const env = { QUEUECTL_STORE: "" };
    const set = await queuectl(directory, ["config", "set", "store", STORE]);
    assert.equal(set.stdout, "store = redis://me:***@127.0.0.1:1/0\n");
    for (const more of [[], ["--json"]]) {
      const { code, stdout } = await queuectl(directory, ["config", "list", ...more], { env });
      assert.equal(code, 0);
      assert.match(stdout, /redis:\/\/me:\*\*\*@127\.0\.0\.1:1\/0/);
      assert.doesNotMatch(stdout, /secret/);
    }
    const get = await queuectl(directory, ["config", "get", "store"], { env });
    assert.equal(get.stdout, `${STORE}\n`);
  });
});

Deno.test("an empty variable says that there is no store, whatever the setting says", async () => {
  await withDirectory(async (directory) => {
    await ok(directory, "config", "set", "store", STORE);
    const env = { QUEUECTL_STORE: "" };
    const { code, stderr } = await queuectl(directory, ["enqueue", "--", "true"], { env });
    assert.equal(code, 0, stderr);
    assert.equal((await queuectl(directory, ["list"], { env })).code, 0);
  });
});

Deno.test("who names a directory means that one, whatever store the variable names", async () => {
  await withDirectory(async (directory) => {
    const env = { QUEUECTL_STORE: STORE };
    const add = ["--data-dir", directory, "enqueue", "--id", "a", "--", "true"];
    const { code, stderr } = await queuectl("/nowhere", add, { env });
    assert.equal(code, 0, stderr);
    assert.match(await ok(directory, "list"), /^a /m);
  });
});
