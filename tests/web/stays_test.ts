/** A dashboard may go on for weeks, and the program be replaced meanwhile. */
import assert from "node:assert/strict";
import { copyProgram } from "../support/program_copy.ts";
import { withDirectory } from "../support/temporary.ts";

Deno.test("the dashboard goes on when the program's files are not there any more", async () => {
  await withDirectory(async (directory) => {
    const main = await copyProgram(directory);
    const web = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", main, "web", "--port", "0", "--token", "t"],
      env: { QUEUECTL_HOME: `${directory}/queue` },
      stdin: "null",
      stdout: "piped",
    }).spawn();
    try {
      const reader = web.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { origin } = new URL((await reader.read()).value!.trim());
      await reader.cancel();
      const ask = async (method: string, path: string, body?: unknown): Promise<number> => {
        const response = await fetch(`${origin}/api${path}`, {
          method,
          headers: { "Authorization": "Bearer t", "Content-Type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        await response.body?.cancel();
        return response.status;
      };
      assert.equal(await ask("POST", "/jobs", { id: "a", command: "true" }), 201);
      await Deno.remove(`${directory}/src`, { recursive: true });
      const asked: readonly (readonly [string, string, unknown?])[] = [
        ["PUT", "/config/on_finish", { value: "true" }],
        ["GET", "/jobs"],
        ["GET", "/status"],
        ["GET", "/metrics"],
        ["POST", "/jobs/a/cancel", {}],
        ["POST", "/jobs/a/retry", {}],
        ["POST", "/pause", {}],
        ["DELETE", "/jobs/a", {}],
      ];
      for (const [method, path, body] of asked) {
        const status = await ask(method, path, body);
        assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status}`);
      }
    } finally {
      web.kill("SIGTERM");
      await web.status;
    }
  });
});
