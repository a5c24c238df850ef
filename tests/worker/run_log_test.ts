import assert from "node:assert/strict";
import { lastLine, LogLimit } from "../../src/worker/run_log.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("the last line is one that every store can keep, whatever was printed", async () => {
  await withDirectory((directory) => {
    const log = `${directory}/log`;
    const lines = {
      "one\ntwo  \n\n \n": "two",
      "a\0b\n": "a\uFFFDb",
      "": "",
      "without an end": "without an end",
    };
    for (const [printed, line] of Object.entries(lines)) {
      Deno.writeTextFileSync(log, printed);
      assert.equal(lastLine(log), line);
    }
    // Cut in the midst of a character.
    Deno.writeTextFileSync(log, `${"x".repeat(196)}${"😀".repeat(9)}\n`);
    const cut = lastLine(log);
    assert.ok(cut.isWellFormed() && cut.endsWith("..."), cut);
    assert.equal(cut.length, 200);
    assert.equal(lastLine(`${directory}/none`), "");
  });
});

Deno.test("a log at its limit is left alone, and one beyond it is cut, says so once and ends with its end", async () => {
  await withDirectory((directory) => {
    const log = `${directory}/log`;
    const limit = new LogLimit(log, 20);
    limit.hold();
    Deno.writeTextFileSync(log, "01234567890123456789");
    limit.finish();
    assert.equal(Deno.readTextFileSync(log), "01234567890123456789");
    Deno.writeTextFileSync(log, "more", { append: true });
    limit.hold();
    Deno.writeTextFileSync(log, "&", { append: true });
    limit.finish();
    const note = "\n[queuectl: the output was cut at 20 bytes; this is its end:]\n";
    assert.equal(Deno.readTextFileSync(log), `01234567890123456789${note}more&`);
  });
});
