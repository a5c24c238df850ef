import { runsOf } from "../model/job.ts";
import { isRunLog, runLogPath } from "../machine/paths.ts";
import { isAlive, workerIds } from "../machine/worker_file.ts";
import { ifThere } from "../machine/io.ts";
import { type Findings, report } from "./findings.ts";
import { nextJournals, type Paths, temporaries } from "./paths.ts";

/** What is in nobody's way, and should not be there. */
export function lookForLeftovers(paths: Paths, findings: Findings): void {
  const stale = (path: string, what: string): void => {
    report(findings, path, null, what, "take it away");
    findings.stale.add(path);
  };
  for (const path of temporaries(paths)) {
    stale(path, "a file that was not finished when something died");
  }
  for (const { path } of nextJournals(paths)) {
    stale(path, "a checkpoint that was not finished when something died");
  }
  for (const id of workerIds(paths)) {
    if (isAlive(paths, id)) continue;
    const what = `worker ${id} died`;
    report(findings, `${paths.workers}/${id}.json`, null, what, "give its run to another worker");
  }
  const known = new Set(
    [...findings.records.values()].flatMap((job) =>
      runsOf(job).map(({ run }) => runLogPath(paths, job.id, run))
    ),
  );
  for (const { name } of ifThere(() => [...Deno.readDirSync(paths.logs)]) ?? []) {
    const path = `${paths.logs}/${name}`;
    if (isRunLog(name) && !known.has(path)) {
      stale(path, "the log of a run that no job knows");
    }
  }
}
