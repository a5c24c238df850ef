import assert from "node:assert/strict";
import { parsePs, treeOf } from "../../src/worker/process_tree.ts";

const process = (pid: number, parent: number, marked = false): {
  pid: number;
  parent: number;
  marked: boolean;
} => ({ pid, parent, marked });

Deno.test("a tree is the marked processes and all their descendants, never this process", () => {
  const processes = [
    process(1, 0),
    process(10, 1, true),
    process(11, 10),
    process(12, 11),
    process(20, 1, true),
    process(30, 1),
    process(31, 30),
    process(Deno.pid, 10, true),
  ];
  assert.deepEqual(treeOf(processes).toSorted((a, b) => a - b), [10, 11, 12, 20]);
  assert.deepEqual(treeOf([]), []);
});

Deno.test("a process that was found once is known, although nothing tells of it any more", () => {
  const lost = [{ ...process(11, 1), begun: "700" }, process(12, 11), process(30, 1)];
  assert.deepEqual(treeOf(lost), []);
  assert.deepEqual(treeOf(lost, undefined, new Map([[11, "700"]])), [11, 12]);
  assert.deepEqual(treeOf(lost, undefined, new Map([[11, "500"]])), [], "its pid is another's now");
});

Deno.test("a run's own process belongs to it without the mark, unless its pid is another's now", () => {
  const own = [process(10, Deno.pid), process(11, 10), process(30, 1)];
  assert.deepEqual(treeOf(own, 10), [10, 11]);
  assert.deepEqual(treeOf([process(10, 1), process(11, 10)], 10), []);
});

Deno.test("the list of ps is understood, with the environment behind the command", () => {
  const output = [
    "    1     0 Ss   /sbin/launchd",
    "  501     1 S    /bin/sh -c sleep 9 HOME=/Users/x QUEUECTL_RUN=r1 PATH=/bin",
    "  502   501 Z    (sleep)",
    "  503   501 R+   sleep 9 QUEUECTL_RUN=r10",
    "",
  ].join("\n");
  assert.deepEqual(parsePs(output, "QUEUECTL_RUN=r1"), [
    { pid: 1, parent: 0, marked: false },
    { pid: 501, parent: 1, marked: true },
    { pid: 503, parent: 501, marked: false },
  ]);
});
