import assert from "node:assert/strict";
import { nameSome, shorten } from "../../src/model/text.ts";

Deno.test("a text that is too long ends in dots, and is no longer than it may be", () => {
  assert.equal(shorten("12345", 5), "12345");
  assert.equal(shorten("123456", 5), "12...");
  assert.equal(shorten("123456", 5, "…"), "1234…");
});

Deno.test("of many names some are named, and the others counted", () => {
  assert.equal(nameSome(["a", "b"]), "a, b");
  assert.equal(nameSome(["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
  assert.equal(nameSome(["a", "b"], 1), "a and 1 more");
});
