import assert from "node:assert/strict";
import { fromFileUrl } from "../support/paths.ts";
import { readJobs } from "../support/files.ts";
import { withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

/** What the script says when nobody ends it. */
const STORY = [
  "dies pending",
  "lives pending",
  "dies processing",
  "dies dead",
  "lives processing",
  "lives completed",
  "dies pending",
  "late pending",
];

const STEPS = [
  "transaction begun",
  "transaction written",
  "checkpoint begun",
  "checkpoint prepared",
  "checkpoint written beside",
  "checkpoint renamed jobs.json",
  "checkpoint renamed dlq.json",
  "checkpoint synced the snapshots",
  "checkpoint renamed the journal",
];

const SCRIPT = fromFileUrl(new URL("../support/crash_script.ts", import.meta.url));

/** The state of each job after so many steps of the story. */
function after(steps: number): Readonly<Record<string, string>> {
  return Object.fromEntries(STORY.slice(0, steps).map((line) => line.split(" ")));
}

async function runScript(
  directory: string,
  step: string,
  nth: number,
  keep: string,
): Promise<{ told: number; killed: boolean }> {
  const { stdout, signal } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", SCRIPT, directory, step, String(nth), keep],
    stdin: "null",
    stderr: "inherit",
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
  assert.deepEqual(lines, STORY.slice(0, lines.length));
  return { told: lines.length, killed: signal === "SIGKILL" };
}

/** The queue as it is found: what was told happened, and at most the one step that was under way. */
async function check(directory: string, told: number, where: string): Promise<void> {
  const found = await withQueue(directory, async (queue) => {
    const { jobs } = await queue.list({});
    await queue.checkpoint("wait");
    return Object.fromEntries(jobs.map(({ id, state }) => [id, state]));
  });
  const expected = [after(told), after(told + 1)];
  assert.ok(
    expected.some((states) => JSON.stringify(sorted(states)) === JSON.stringify(sorted(found))),
    `${where}: told ${told}, found ${JSON.stringify(found)}`,
  );
  const inJobs = readJobs(`${directory}/jobs.json`).map(({ id }) => id);
  const inDlq = readJobs(`${directory}/dlq.json`).map(({ id }) => id);
  assert.equal(new Set([...inJobs, ...inDlq]).size, Object.keys(found).length, where);
  assert.equal(inJobs.length + inDlq.length, Object.keys(found).length, where);
  await withQueue(
    directory,
    (queue) => queue.setPaused(told % 2 === 0).then(() => queue.setPaused(false)),
  );
  const left = [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => name.endsWith(".tmp") || /^journal\.jsonl\.\d/.test(name));
  assert.deepEqual(left, [], where);
}

function sorted(states: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(states).sort(([a], [b]) => a < b ? -1 : 1);
}

for (const keep of ["all", "unfinished"]) {
  for (const step of STEPS) {
    Deno.test(`killed at "${step}", every time it comes, with ${keep} jobs in memory: nothing acknowledged is lost, nothing is doubled`, async () => {
      let times = 0;
      for (let nth = 1, killed = true; killed && nth < 40; nth++) {
        await withDirectory(async (directory) => {
          const result = await runScript(directory, step, nth, keep);
          killed = result.killed;
          if (killed) times++;
          else assert.equal(result.told, STORY.length);
          await check(directory, result.told, `${step} #${nth}`);
          // A second look, after the mending of the first, must see the same.
          await check(directory, result.told, `${step} #${nth}, again`);
        });
      }
      assert.ok(times > 0, "the step never came");
    });
  }
}
