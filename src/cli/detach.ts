import { QueueError } from "../model/errors.ts";
import { type Location, variablesOf } from "../model/location.ts";

/**
 * Starts `worker start` as a process of its own session, and waits until its workers are ready.
 *
 * @returns the workers' ids
 * @throws {QueueError} with what the process said, if it ended instead
 */
export async function startInBackground(
  location: Location,
  count: number,
  drain: boolean,
): Promise<readonly string[]> {
  const program = Deno.build.standalone ? [] : ["run", "-A", "--quiet", Deno.mainModule];
  const args = ["worker", "start", "--in-background", "--count", String(count)];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...program, ...args, ...(drain ? ["--drain"] : [])],
    // Not as words, which everybody on this machine can read: a URL may hold a password.
    // Started from within a job, it is none of that run's processes, which end with it.
    env: { ...variablesOf(location), QUEUECTL_RUN: "", QUEUECTL_JOB: "", QUEUECTL_ATTEMPT: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  child.unref();
  const first = await firstLine(child.stdout);
  if (first !== undefined) {
    // A pipe that nobody reads would be full one day, and hold the supervisor up.
    await child.stderr.cancel();
    return first.split(" ");
  }
  const said = (await new Response(child.stderr).text()).trim().replace(/^queuectl: /, "");
  const [reason, ...hints] = said.split("\n").map((line) => line.trim());
  throw new QueueError(
    "internal",
    `the workers did not start: ${reason || "no reason was given"}`,
    hints.length > 0 ? hints.join(" ") : undefined,
  );
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return undefined;
    text += value;
    const end = text.indexOf("\n");
    if (end < 0) continue;
    await reader.cancel();
    return text.slice(0, end);
  }
}
