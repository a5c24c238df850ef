/** The same queue on servers, in this one run: started for it, on this machine. */
import { isInstalled, type Server, withServer } from "../support/servers.ts";
import { type Directories, floor, median, queuectl, writeJobs } from "./measure.ts";
import { pickUp } from "./pick_up.ts";

/** Columns and a row for each server that is installed. */
export async function servers(
  directories: Directories,
  count: number,
  rounds: number,
): Promise<readonly [readonly string[], readonly (readonly string[])[]]> {
  const titles = [
    "STORE",
    "ENQUEUE",
    `${count} FROM A FILE`,
    `DRAIN ${count}, OF THE FLOOR`,
    "WAKE-UP P50",
    "WAKE-UP P99",
  ];
  const rows: (readonly string[])[] = [];
  for (const kind of ["redis", "postgres"] as const) {
    if (isInstalled(kind)) {
      rows.push(await withServer(kind, (server) => measure(server, directories, count, rounds)));
    }
  }
  return [titles, rows];
}

async function measure(
  server: Server,
  directories: Directories,
  count: number,
  rounds: number,
): Promise<readonly string[]> {
  const one: number[] = [];
  const many: number[] = [];
  const drained: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const directory = directories.fresh();
    const store = ["--store", server.store(`bench-${round}`)];
    one.push(await queuectl(directory, "enqueue", "--command", "true", ...store));
    writeJobs(`${directory}/jobs.jsonl`, count);
    many.push(await queuectl(directory, "enqueue", "--file", `${directory}/jobs.jsonl`, ...store));
    const least = await floor(count);
    const took = await queuectl(directory, "worker", "start", "-n", "2", "--drain", ...store);
    drained.push(least / took);
  }
  const wakeUp = await pickUp(
    { directory: directories.fresh(), store: server.store("wake-up") },
    rounds * 10,
  );
  return [
    server.kind,
    `${median(one).toFixed(0)} ms`,
    `${median(many).toFixed(0)} ms`,
    median(drained).toFixed(2),
    `${wakeUp.p50.toFixed(1)} ms`,
    `${wakeUp.p99.toFixed(1)} ms`,
  ];
}
