/** The command line of queuectl: parses, runs, exits. */
import { streamSink } from "./src/cli/output.ts";
import { run } from "./src/cli/run.ts";
import { localZone } from "./src/cli/time_zone.ts";
import { prepareSignals } from "./src/cli/signals.ts";

prepareSignals();

const stdout = streamSink(Deno.stdout);
const stderr = streamSink(Deno.stderr);

const exitCode = await run(Deno.args, {
  stdout,
  stderr,
  colours: (Deno.env.get("NO_COLOR") ?? "") === "",
  env: (name) => Deno.env.get(name),
  cwd: () => Deno.cwd(),
  readStdin: () => new Response(Deno.stdin.readable).bytes(),
  ask: (question) => Deno.stdin.isTerminal() ? confirm(question) : undefined,
  clock: Date.now,
  random: Math.random,
  timeZone: () => localZone(Deno.env.get("TZ") ?? ""),
});
Deno.exit(exitCode);
