import assert from "node:assert/strict";
import { shellCall } from "../../src/worker/shell.ts";

Deno.test("on Windows the command goes to cmd, behind the same gate and into the same log", () => {
  const { program, args } = shellCall("echo hi & exit 3", {
    gate: "C:\\q\\workers\\w.json",
    log: "C:\\q\\logs\\a.log",
  }, "windows");
  assert.equal(program, "cmd");
  assert.deepEqual(args.slice(0, 3), ["/d", "/s", "/c"]);
  assert.equal(
    args[3],
    '(if not exist "C:\\q\\workers\\w.json" exit 125)&' +
      '(if not exist "C:\\q\\logs" mkdir "C:\\q\\logs")&' +
      '(echo hi & exit 3) 1>>"C:\\q\\logs\\a.log" 2>&1',
  );
});

Deno.test("elsewhere the command begins a line of its own in sh, so its syntax errors reach the log", () => {
  for (const os of ["linux", "darwin"] as const) {
    const { program, args } = shellCall("echo hi", { gate: "/q/it's", log: "/q/l" }, os);
    assert.equal(program, "/bin/sh");
    assert.equal(args[1]!.split("\n").at(-1), "echo hi");
    assert.match(args[1]!, /^\[ -e '\/q\/it'\\''s' \] \|\| exit 125;/);
  }
});
