import assert from "node:assert/strict";
import { followLog } from "../../src/cli/print_log.ts";
import type { Log } from "../../src/model/log.ts";

/** A log in memory that others write. */
function memory(): Log & { text: string } {
  return {
    text: "",
    size(): Promise<number> {
      return Promise.resolve(this.text.length);
    },
    read(offset, length): Promise<Uint8Array<ArrayBuffer>> {
      return Promise.resolve(new TextEncoder().encode(this.text.slice(offset, offset + length)));
    },
  };
}

Deno.test("who follows a log that is held at its limit prints what is kept of it, and the note", async () => {
  const log = memory();
  let printed = "";
  const sink = {
    isTerminal: false,
    columns: 80,
    rows: 24,
    write: (piece: string | Uint8Array): void => {
      printed += typeof piece === "string" ? piece : new TextDecoder().decode(piece);
    },
    writeLater: () => Promise.resolve(),
  };
  // What the command has printed by each look, and what of it was cut off before the next one.
  const looks = ["01234", "0123456789abcd", "0123456789efghij", "0123456789\n[cut]\n"];
  await followLog(log, 0, sink, 10, () => {
    log.text = looks.shift()!;
    return Promise.resolve(looks.length === 0);
  });
  assert.equal(printed, "0123456789\n[cut]\n");
});
