import assert from "node:assert/strict";
import { examine } from "../../src/files/doctor.ts";
import { contents } from "../support/files.ts";
import { fromFileUrl } from "../support/paths.ts";
import { program } from "../support/cli.ts";
import { withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const SCRIPT = fromFileUrl(new URL("../support/limits_script.ts", import.meta.url));

async function ids(directory: string): Promise<readonly string[]> {
  return await withQueue(
    directory,
    async (queue) => (await queue.list({})).jobs.map(({ id }) => id).toSorted(),
  );
}

for (
  const [limit, sentence] of [
    ["fsize", /^meanwhile cannot write .*journal\.jsonl: the file would exceed the size limit/],
    ["nofile", /^meanwhile cannot .*: too many open files/],
  ] as const
) {
  Deno.test(`a ${limit} limit fails the command with a sentence; what was acknowledged stays, and work goes on after it`, async () => {
    await withDirectory(async (directory) => {
      const { stdout, success } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", SCRIPT, directory, limit],
        stdin: "null",
        stderr: "inherit",
      }).output();
      assert.ok(success);
      const lines = new TextDecoder().decode(stdout).trim().split("\n");
      assert.equal(lines[0], "before done");
      assert.match(lines[1]!, sentence);
      assert.equal(lines[2], "after done");
      assert.deepEqual(await ids(directory), ["after", "before"]);
      assert.deepEqual(
        (await examine(directory, { clock: Date.now, onProgress: () => {} })).problems,
        [],
      );
    });
  });
}

/** Calls `work` with a file system of 64 KiB; not where this user may not make one. */
async function withSmallDisk(work: (directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const mount = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory],
      stdout: "null",
      stderr: "null",
    });
    const mounted = await mount.output().then(({ success }) => success, () => false);
    if (!mounted) return;
    try {
      await work(directory);
    } finally {
      await new Deno.Command("umount", { args: [directory] }).output();
    }
  });
}

Deno.test("a full disk fails the command with a sentence; what was acknowledged stays, and work goes on after it (skipped where this user may not mount a file system)", async () => {
  await withSmallDisk(async (disk) => {
    const directory = `${disk}/queue`;
    assert.equal(
      (await program(disk, ["--data-dir", directory, "enqueue", "-i", "a", "-c", "true"])).code,
      0,
    );
    const before = contents(directory);
    const free = 64 * 1024;
    try {
      Deno.writeFileSync(`${disk}/filler`, new Uint8Array(free));
    } catch {
      // Full: that was the purpose.
    }
    const long = `echo ${"x".repeat(20_000)}`;
    const full = await program(disk, ["--data-dir", directory, "enqueue", "-i", "b", "-c", long]);
    assert.equal(full.code, 1);
    assert.match(full.stderr, /^queuectl: cannot write .*: the disk is full\n$/);
    assert.deepEqual(contents(directory), before);
    Deno.removeSync(`${disk}/filler`);
    assert.equal(
      (await program(disk, ["--data-dir", directory, "enqueue", "-i", "c", "-c", "true"])).code,
      0,
    );
    assert.deepEqual(await ids(directory), ["a", "c"]);
  });
});

Deno.test("a directory that cannot be written fails the command with a sentence", async () => {
  await withDirectory(async (directory) => {
    Deno.writeTextFileSync(`${directory}/file`, "");
    const { code, stderr } = await program(directory, [
      "--data-dir",
      `${directory}/file/queue`,
      "enqueue",
      "-c",
      "true",
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /^queuectl: cannot .*: a part of the path is no directory\n$/);
  });
});
