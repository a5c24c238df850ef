import assert from "node:assert/strict";
import { visible } from "../../src/cli/output.ts";

Deno.test("nothing in a text does anything to a terminal, or ends a line, in any of its ways", () => {
  const shown = {
    "a\tb\r\nc": "a\\tb\\r\\nc",
    "\x1b[2J\x07\x00": "\\x1b[2J\\x07\\x00",
    // One character that begins a sequence as ESC [ does.
    "\x9b2J\x7f\x80\x9f": "\\x9b2J\\x7f\\x80\\x9f",
    "one\u2028two\u2029three": "one\\x2028two\\x2029three",
    "äöü 日本 😀 \u00a0": "äöü 日本 😀 \u00a0",
  };
  for (const [text, expected] of Object.entries(shown)) assert.equal(visible(text), expected);
});
