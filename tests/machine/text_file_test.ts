import assert from "node:assert/strict";
import fc from "fast-check";
import { lineNotUtf8, readLines, readTextIfThere } from "../../src/machine/text_file.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("lines come whole wherever a piece of the file ends, in whatever characters", async () => {
  await withDirectory((directory) => {
    const path = `${directory}/lines`;
    const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", ""));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), fc.nat(6), fc.boolean(), (few, shift, ends) => {
        // So long that the lines behind lie across the end of a piece.
        const lines = ["x".repeat(256 * 1024 - shift), "äöü€😀", ...few, "last"];
        const text = lines.join("\n") + (ends ? "\n" : "");
        Deno.writeTextFileSync(path, text);
        using file = Deno.openSync(path);
        assert.deepEqual([...readLines(file)], lines.map((each) => each.toWellFormed()));
      }),
      { numRuns: 30 },
    );
  });
});

Deno.test("bytes that are no text are told with their line, and text is text whatever it begins with", async () => {
  await withDirectory((directory) => {
    const path = `${directory}/text`;
    assert.equal(readTextIfThere(path), undefined);
    Deno.writeTextFileSync(path, "\uFEFFone\ntwo");
    assert.equal(readTextIfThere(path), "one\ntwo");
    const bytes = new TextEncoder().encode("one\ntw\u00F6\nthree\n");
    assert.equal(lineNotUtf8(bytes), undefined);
    const cut = bytes.filter((byte) => byte !== 0xb6);
    assert.equal(lineNotUtf8(cut), 2);
    Deno.writeFileSync(path, cut);
    assert.throws(() => readTextIfThere(path), {
      code: "corrupt",
      message: `${path}, line 2: this is no UTF-8`,
    });
    return Promise.resolve();
  });
});
