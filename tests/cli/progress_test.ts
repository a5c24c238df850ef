import assert from "node:assert/strict";
import type { Sink } from "../../src/cli/output.ts";
import { Progress } from "../../src/cli/progress.ts";

function sink(isTerminal: boolean): Sink & { text: string } {
  return {
    text: "",
    isTerminal,
    columns: 80,
    rows: 24,
    write(text: string | Uint8Array): void {
      this.text += text;
    },
    writeLater(text: string): Promise<void> {
      return Promise.resolve(this.write(text));
    },
  };
}

Deno.test("on a terminal a bar grows, is drawn only so often, and is taken away", () => {
  let now = 0;
  const terminal = sink(true);
  const progress = new Progress(terminal, "jobs", () => now);
  progress.show(1, 4);
  assert.equal(terminal.text, "", "what is over soon shows none");
  now = 600;
  progress.show(1, 4);
  assert.equal(terminal.text, `\r\x1b[Kjobs ${"█".repeat(7)}${"░".repeat(23)} 1/4`);
  now = 650;
  progress.show(2, 4);
  assert.doesNotMatch(terminal.text, /2\/4/);
  now = 701;
  progress.show(4, 4);
  assert.match(terminal.text, /█{30} 4\/4$/);
  progress.end();
  assert.ok(terminal.text.endsWith("\r\x1b[K"));
});

Deno.test("in a pipe there is none", () => {
  const pipe = sink(false);
  let now = 0;
  const progress = new Progress(pipe, "jobs", () => now);
  now = 10_000;
  progress.show(1, 2);
  progress.end();
  assert.equal(pipe.text, "");
});
