/** The storm of the tests, for minutes: `deno task storm [BATCHES]`. Fails if anything was lost, doubled or left over. */
import { storm } from "../support/storm.ts";

const batches = Number(Deno.args[0] ?? 150);
const directory = Deno.makeTempDirSync({ prefix: "queuectl-storm-" });
const begun = performance.now();
const { acknowledged, kills, runs } = await storm(directory, { batches, supervisors: 3 });
const seconds = Math.round((performance.now() - begun) / 1000);
Deno.stdout.writeSync(
  new TextEncoder().encode(
    `${acknowledged} jobs acknowledged and completed in ${runs} runs, ` +
      `${kills} supervisors killed, in ${seconds} s: nothing lost, no two runs of one job at a time\n`,
  ),
);
Deno.removeSync(directory, { recursive: true });
