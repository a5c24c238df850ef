import assert from "node:assert/strict";
import fc from "fast-check";
import { CHAIN_START, checksum, Sum, sumOf } from "../../src/files/checksum.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("the checksum of a file is MurmurHash3, as published", () => {
  const published = {
    "": "00000000",
    "hello": "248bfa47",
    "hello, world": "149bbb7f",
    "The quick brown fox jumps over the lazy dog": "2e4ff723",
  };
  for (const [text, sum] of Object.entries(published)) assert.equal(sumOf(encode(text)), sum, text);
});

Deno.test("the checksum of a file does not depend on where its pieces begin", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (pieces) => {
    const sum = new Sum();
    for (const piece of pieces) sum.add(piece);
    assert.equal(sum.value, sumOf(Uint8Array.from(pieces.flatMap((piece) => [...piece]))));
  }));
});

Deno.test("a flipped bit changes the checksum of a file", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(fc.property(bytes, fc.nat(), fc.nat(7), (bytes, at, bit) => {
    const flipped = bytes.slice();
    flipped[at % bytes.length]! ^= 1 << bit;
    assert.notEqual(sumOf(flipped), sumOf(bytes));
  }));
});

Deno.test("a line's checksum continues the one before, and sees every changed character", () => {
  const first = checksum(CHAIN_START, "first");
  assert.notEqual(checksum(first, "second"), checksum(CHAIN_START, "second"));
  const text = fc.string({ minLength: 1, unit: "binary" });
  fc.assert(fc.property(text, fc.nat(), fc.integer({ min: 1, max: 0xffff }), (text, at, change) => {
    const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    units[at % units.length]! ^= change;
    assert.notEqual(checksum(first, String.fromCharCode(...units)), checksum(first, text));
  }));
});
