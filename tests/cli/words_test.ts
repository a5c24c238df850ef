import assert from "node:assert/strict";
import { splitWords } from "../../src/cli/words.ts";

Deno.test("spellings that the tree does not know are rewritten to those that it knows", () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["enqueue", "--cmd", "x"], ["enqueue", "--command", "x"]],
    [["enqueue", "--max_retries=3"], ["enqueue", "--max-retries=3"]],
    [["enqueue", "-p5"], ["enqueue", "-p", "5"]],
    [["enqueue", "-p-5"], ["enqueue", "-p", "-5"]],
    [["enqueue", "-c="], ["enqueue", "-c", ""]],
    [["enqueue", "--command="], ["enqueue", "--command", ""]],
    [["enqueue", "--command=a\nb"], ["enqueue", "--command", "a\nb"]],
    [["help", "enqueue"], ["enqueue", "--help"]],
    [["help", "worker", "start"], ["worker", "start", "--help"]],
    [["worker", "help", "start"], ["worker", "start", "--help"]],
    [["logs", "help"], ["logs", "help"]],
    [["--", "list"], ["list"]],
    [["list", "--", "x"], ["list", "--", "x"]],
  ];
  for (const [given, expected] of cases) assert.deepEqual(splitWords(given).words, expected);
});

Deno.test("the data directory may stand anywhere before --", () => {
  for (
    const args of [["--data-dir", "/x", "list"], ["list", "--data-dir=/x"], [
      "list",
      "--data_dir",
      "/x",
    ]]
  ) {
    const { words, globals } = splitWords(args);
    assert.deepEqual([words, globals], [["list"], { "data-dir": "/x" }]);
  }
  const { globals, afterDashes } = splitWords(["enqueue", "--", "cmd", "--data-dir", "/x"]);
  assert.deepEqual([globals, afterDashes], [{}, ["cmd", "--data-dir", "/x"]]);
  assert.throws(() => splitWords(["list", "--data-dir"]), /needs a value/);
  assert.throws(() => splitWords(["--data-dir", "list"]), /no command: 'list' was taken/);
  assert.throws(() => splitWords(["--data-dir", "enqueue", "--", "ls"]), /no command: 'enqueue'/);
  assert.throws(() => splitWords(["list", "--data-dir", "a", "--data-dir", "b"]), /twice/);
});
