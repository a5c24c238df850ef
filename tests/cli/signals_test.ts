import assert from "node:assert/strict";
import { onStopSignals } from "../../src/cli/signals.ts";
import { isThere } from "../../src/machine/io.ts";
import { MAIN, ok, show } from "../support/cli.ts";
import { withDirectory } from "../support/temporary.ts";
import { waitUntil } from "../support/wait_until.ts";

Deno.test({
  name: "two signals close together are one key press, a later one is another",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { now } = performance;
    const told: string[] = [];
    const signals = onStopSignals((again, signal) => told.push(`${signal} ${again}`));
    let received = 0;
    // Told of each after the other listener.
    const count = (): void => void received++;
    Deno.addSignalListener("SIGTERM", count);
    try {
      for (const [index, time] of [1_000, 1_020, 1_100].entries()) {
        Deno.kill(Deno.pid, "SIGTERM");
        // The time stands still until it has come.
        performance.now = () => time;
        while (received === index) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assert.deepEqual(told, ["SIGTERM false", "SIGTERM true"]);
    } finally {
      performance.now = now;
      signals.close();
      Deno.removeSignalListener("SIGTERM", count);
    }
  },
});

Deno.test({
  name: "under nohup the end of the terminal stops no worker",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withDirectory(async (directory) => {
      const command = "echo > begun; while [ ! -e go ]; do sleep 0.05; done";
      await ok(directory, "enqueue", JSON.stringify({ id: "a", command, cwd: directory }));
      const worker = new Deno.Command("sh", {
        args: ["-c", `trap '' HUP; exec ${Deno.execPath()} run -A --quiet ${MAIN} worker start`],
        env: { QUEUECTL_HOME: directory },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        await waitUntil("the job to run", () => isThere(`${directory}/begun`));
        worker.kill("SIGHUP");
        Deno.writeTextFileSync(`${directory}/go`, "");
        await waitUntil("its end", async () => (await show(directory, "a")).state === "completed");
        await ok(directory, "enqueue", "--id", "b", "--", "true");
        await ok(directory, "wait", "b", "--timeout", "20");
      } finally {
        await ok(directory, "worker", "stop");
        await worker.status;
      }
    }),
});
