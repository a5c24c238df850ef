import assert from "node:assert/strict";
import fc from "fast-check";
import { describeSyntaxError, linesOfItems } from "../../src/model/json_faults.ts";

Deno.test("the lines of an array's elements are told, whatever stands in their texts", () => {
  fc.assert(fc.property(fc.array(fc.json({ stringUnit: "binary" })), (items) => {
    // Each on a line of its own, behind an empty one.
    const text = `[${items.map((item) => `\n\n${item}`).join(",")}\n]`;
    assert.deepEqual(linesOfItems(text), items.map((_, index) => 3 + 2 * index));
  }));
  const texts = ['"a \\" and [ and ,"', '"\\\\"', '{"a":["}",{"b":"]"}]}', "[]", "1"];
  assert.deepEqual(linesOfItems(`[\n${texts.join(",\n")}\n]`), [2, 3, 4, 5, 6]);
});

Deno.test("a syntax error is told with its line, and a file without anything as such", () => {
  const fault = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      return describeSyntaxError(text, error);
    }
  };
  assert.deepEqual(fault('[\n{"id":"a"}\n{"id":"b"}\n]\n'), {
    line: 3,
    what: "this is no JSON (Expected ',' or ']' after array element)",
  });
  assert.deepEqual(fault(" \n"), { line: undefined, what: "the file is empty" });
});

Deno.test("a word that is no JSON is told with its line, on one line and without the text around it", () => {
  const texts = {
    jobs:
      `[\n{"id":"a","command":'true'},\n{"id":"b","command":"x"},\n{"id":"c","command":"x"}\n]\n`,
    settings: `{\n  "max_retries": five,\n  "backoff_base": 2,\n  "lease_seconds": 60\n}\n`,
    short: `[\n{"id":}\n]\n`,
  };
  for (const [name, text] of Object.entries(texts)) {
    assert.throws(() => JSON.parse(text), (error) => {
      const { line, what } = describeSyntaxError(text, error);
      assert.equal(line, 2, name);
      assert.match(what, /^this is no JSON \([^\n"]*\)$/, name);
      return true;
    });
  }
});
