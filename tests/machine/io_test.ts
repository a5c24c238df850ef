import assert from "node:assert/strict";
import { fileError, readRange, replaceFile, writeTemporary } from "../../src/machine/io.ts";
import { QueueError } from "../../src/model/errors.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("a range that goes beyond the end is as long as what there is", async () => {
  await withDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/a`, "0123456789");
    using file = Deno.openSync(`${directory}/a`);
    const read = (offset: number, length: number): string =>
      new TextDecoder().decode(readRange(file, offset, length));
    assert.deepEqual([read(2, 3), read(8, 5), read(10, 5), read(99, 1)], ["234", "89", "", ""]);
  });
});

Deno.test("what the system says comes as a sentence, and what is a bug stays one", async () => {
  await withDirectory((directory) => {
    const attempts: readonly (readonly [() => unknown, RegExp])[] = [
      [() => Deno.readTextFileSync(`${directory}/none`), /^doing: no such file or directory$/],
      [() => Deno.writeTextFileSync(directory, ""), /^doing: it is a directory$/],
      [() => Deno.mkdirSync("/dev/null/a"), /^doing: a part of the path is no directory$/],
    ];
    for (const [attempt, sentence] of attempts) {
      try {
        attempt();
        assert.fail("it worked");
      } catch (error) {
        const told = fileError(error, "doing");
        assert.ok(told instanceof QueueError && told.code === "internal", String(told));
        assert.match(told.message, sentence);
      }
    }
    const bug = new TypeError("x is no function");
    assert.equal(fileError(bug, "doing"), bug);
    const known = new QueueError("busy", "locked");
    assert.equal(fileError(known, "doing"), known);
  });
});

Deno.test("a file is replaced whole, for its owner alone, and nothing is left beside it", async () => {
  await withDirectory((directory) => {
    const path = `${directory}/a.json`;
    replaceFile(path, "old", undefined);
    using before = Deno.openSync(path);
    replaceFile(path, "new", undefined);
    assert.equal(Deno.readTextFileSync(path), "new");
    assert.equal(new TextDecoder().decode(readRange(before, 0, 9)), "old", "not written into");
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["a.json"]);
  });
});

Deno.test("a file that is linked is replaced where it is, but root follows no link of somebody else", async () => {
  await withDirectory((directory) => {
    const [target, link] = [`${directory}/elsewhere/a.json`, `${directory}/a.json`];
    Deno.mkdirSync(`${directory}/elsewhere`);
    Deno.writeTextFileSync(target, "old");
    Deno.symlinkSync("elsewhere/a.json", link);
    replaceFile(link, "new", undefined);
    assert.equal(Deno.readTextFileSync(target), "new");
    assert.ok(Deno.lstatSync(link).isSymlink);
    replaceFile(link, "by root", { uid: Deno.uid()!, gid: Deno.gid()! });
    assert.equal(Deno.readTextFileSync(target), "new");
    assert.equal(Deno.readTextFileSync(link), "by root");
    Deno.symlinkSync("nowhere/b.json", `${directory}/b.json`);
    replaceFile(`${directory}/b.json`, "new", undefined);
    assert.equal(Deno.readTextFileSync(`${directory}/b.json`), "new", "a link to nothing");
  });
});

Deno.test("of a file that could not be written to its end nothing is left", async () => {
  await withDirectory((directory) => {
    function* pieces(): Generator<string> {
      yield "half";
      throw new Error("no more");
    }
    const write = (): unknown => writeTemporary(`${directory}/a.tmp`, pieces(), undefined);
    assert.throws(write, /no more/);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  });
});
