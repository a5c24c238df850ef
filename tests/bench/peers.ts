/** What others make of the same jobs on the same machine in the same run, where they are installed. */
import { floor, median, timed } from "./measure.ts";

/** How each drains so many jobs that do nothing, two at a time. */
const DRAIN: Readonly<Record<string, (count: number) => string>> = {
  tsp: (count) =>
    `export TS_SOCKET=$(mktemp -u) TS_MAXFINISHED=10000; tsp -S 2; ` +
    `for i in $(seq ${count}); do tsp -n true; done >/dev/null; tsp -w; tsp -K`,
  nq: (count) =>
    `export NQDIR=$(mktemp -d); for i in $(seq ${count}); do nq -q true; done; nq -w; rm -r "$NQDIR"`,
  parallel: (count) => `seq ${count} | parallel --will-cite -P2 -N0 true`,
};

async function isInstalled(program: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `command -v ${program}`],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** A row for each peer that is there: its share of the floor. */
export async function peers(count: number, rounds: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [name, script] of Object.entries(DRAIN)) {
    if (!await isInstalled(name)) continue;
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const least = await floor(count);
      ratios.push(least / await timed("sh", ["-c", script(count)]));
    }
    rows.push([name, `${median(ratios).toFixed(2)} (${count} jobs)`]);
  }
  return rows;
}
