import assert from "node:assert/strict";
import type { Sink } from "../../src/cli/output.ts";
import { Teller } from "../../src/cli/teller.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A reader that takes each piece only when it is told to. */
class SlowReader implements Sink {
  text = "";
  readonly isTerminal = false;
  readonly columns = 80;
  readonly rows = 24;
  #take: (() => void) | undefined;

  write(): void {
    throw new Error("that would hold up the program");
  }

  async writeLater(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.#take = resolve);
    this.text += text;
  }

  take(): boolean {
    const take = this.#take;
    this.#take = undefined;
    take?.();
    return take !== undefined;
  }
}

const describe = (lines: number): string => `${lines} dropped\n`;

Deno.test("everything is printed in order, however slowly it is read", async () => {
  const reader = new SlowReader();
  const teller = new Teller(reader, describe);
  for (const line of ["", "a\n", "b\n", "c\n"]) teller.tell(line);
  const finished = teller.finish(false);
  await waitUntil("all of it", () => {
    reader.take();
    return reader.text === "a\nb\nc\n";
  });
  await finished;
});

Deno.test("what a reader does not take is dropped beyond a bound, and said to be", async () => {
  const reader = new SlowReader();
  const teller = new Teller(reader, describe);
  const large = `${"x".repeat(1_000)}\n`;
  const told = 2_000;
  for (let line = 0; line < told; line++) teller.tell(large);
  const finished = teller.finish(false);
  await waitUntil("the end", () => {
    reader.take();
    return reader.text.endsWith(" dropped\n");
  });
  await finished;
  const kept = reader.text.split(large).length - 1;
  assert.ok(kept > 1_000 && kept < 1_100, `${kept}`);
  assert.ok(reader.text.endsWith(`${told - kept} dropped\n`));
});

Deno.test("an end in a hurry waits for nobody who does not read", async () => {
  const teller = new Teller(new SlowReader(), describe);
  teller.tell("a\n");
  const begun = performance.now();
  await teller.finish(true);
  const took = performance.now() - begun;
  assert.ok(took > 500 && took < 20_000, `a slow one has some time, and not more: ${took}`);
});

Deno.test("a reader that has gone is no reason to stop", async () => {
  const gone = { isTerminal: false, columns: 80, rows: 24, write: () => {} };
  const writeLater = (): Promise<void> => Promise.reject(new Error("broken pipe"));
  const teller = new Teller({ ...gone, writeLater }, describe);
  teller.tell("a\n");
  await teller.finish(false);
  teller.tell("b\n");
  await teller.finish(false);
});
