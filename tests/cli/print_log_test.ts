import assert from "node:assert/strict";
import { followLog, LogSink, printLog } from "../../src/cli/print_log.ts";
import type { Sink } from "../../src/cli/output.ts";
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

/** A stream that keeps what is printed. */
function paper(isTerminal: boolean): Sink & { printed: string } {
  return {
    printed: "",
    isTerminal,
    columns: 80,
    rows: 24,
    write(piece): void {
      this.printed += typeof piece === "string" ? piece : new TextDecoder().decode(piece);
    },
    writeLater: () => Promise.resolve(),
  };
}

Deno.test("who follows a log that is held at its limit prints what is kept of it, and the note", async () => {
  const log = memory();
  const sink = paper(false);
  // What the command has printed by each look, and what of it was cut off before the next one.
  const looks = ["01234", "0123456789abcd", "0123456789efghij", "0123456789\n[cut]\n"];
  await followLog(log, 0, new LogSink(sink), 10, () => {
    log.text = looks.shift()!;
    return Promise.resolve(looks.length === 0);
  });
  assert.equal(sink.printed, "0123456789\n[cut]\n");
});

Deno.test("on a terminal nothing is glued to a log without a last newline, elsewhere its bytes stay as they are", async () => {
  for (
    const [text, isTerminal, expected] of [
      ["no end", true, "no end\n"],
      ["end\n", true, "end\n"],
      ["", true, ""],
      ["no end", false, "no end"],
    ] as const
  ) {
    const log = memory();
    log.text = text;
    const sink = paper(isTerminal);
    const logs = new LogSink(sink);
    await printLog(log, 0, logs);
    logs.endLine();
    logs.endLine();
    assert.equal(sink.printed, expected);
  }
});
