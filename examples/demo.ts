/**
 * The main job, for real: a fresh temporary queue, jobs that work, one that fails twice and then
 * works, one that ends in the dead letter queue, two workers, and what happens as it happens.
 *
 * Run it by `deno task demo`.
 */
const MAIN = new URL("../main.ts", import.meta.url).pathname;

const directory = Deno.makeTempDirSync({ prefix: "queuectl-demo-" });

const print = (text: string): void => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
};

/** Shows a command line and runs it on the demo's queue. */
async function queuectl(...args: string[]): Promise<void> {
  const shown = args.map((arg) => /^[\w./-]+$/.test(arg) ? arg : `'${arg}'`).join(" ");
  print(`\n$ queuectl ${shown}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MAIN, ...args],
    cwd: directory,
    env: { QUEUECTL_HOME: directory },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`queuectl ${shown} ended with exit code ${code}`);
}

try {
  print(`The queue is in ${directory}.`);
  await queuectl("config", "set", "backoff_base", "1.5");
  await queuectl("enqueue", '{"id":"hello","command":"echo Hello World"}');
  await queuectl("enqueue", "--id", "report", "--priority", "5", "--", "sleep", "1");
  await queuectl(
    "enqueue",
    "--id",
    "second",
    "--command",
    "echo one; echo two",
    "--depends-on",
    "report",
  );
  await queuectl(
    "enqueue",
    "--id",
    "flaky",
    "--command",
    'echo "attempt $QUEUECTL_ATTEMPT"; [ "$QUEUECTL_ATTEMPT" -ge 3 ]',
  );
  await queuectl("enqueue", "--id", "broken", "--max-retries", "1", "--command", "nonexistent_cmd");
  await queuectl("list");
  await queuectl("worker", "start", "--count", "2", "--drain");
  await queuectl("list");
  await queuectl("logs", "flaky");
  await queuectl("dlq", "list");
  await queuectl("dlq", "retry", "broken");
  await queuectl("status");
} finally {
  Deno.removeSync(directory, { recursive: true });
}
