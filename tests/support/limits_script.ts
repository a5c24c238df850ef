/**
 * Enqueues under a limit of the system that is drawn tight and loosened again, and says what
 * happened: `DIRECTORY fsize|nofile`. Needs `prlimit`.
 */
import { prepareSignals } from "../../src/cli/signals.ts";
import { openFilesQueue } from "../../src/files/queue.ts";

const [directory, limit] = Deno.args;
prepareSignals();
const environment = { clock: Date.now, random: Math.random, warn: () => {} };

// Started before the limit is drawn: afterwards there is no handle left to start it with.
const helper = new Deno.Command("sh", {
  args: [
    "-c",
    `while read value; do prlimit --pid ${Deno.pid} --${limit}=$value: && echo set; done`,
  ],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const tell = helper.stdin.getWriter();
const answers = helper.stdout.getReader();

async function setLimit(value: string): Promise<void> {
  await tell.write(new TextEncoder().encode(`${value}\n`));
  await answers.read();
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function enqueue(id: string): Promise<void> {
  try {
    const queue = await openFilesQueue(directory!, environment, false);
    await queue.enqueue([{ id, command: `echo ${"x".repeat(2000)}` }], { ifAbsent: false });
    await queue.close();
    say(`${id} done`);
  } catch (error) {
    say(`${id} ${error instanceof Error ? error.message : error}`);
  }
}

await enqueue("before");
const open = [...Deno.readDirSync("/proc/self/fd")].length;
const size = Deno.statSync(`${directory}/journal.jsonl`).size;
await setLimit(limit === "fsize" ? String(size + 100) : String(open));
await enqueue("meanwhile");
await setLimit(limit === "fsize" ? "unlimited" : "1024");
await enqueue("after");
await tell.close();
Deno.exit(0);
