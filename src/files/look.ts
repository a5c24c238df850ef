/**
 * Looks at every file of a queue, and says what is wrong. Unlike everything else it reads damaged
 * files: what can still be understood is put together. A snapshot that is whole, and not as queuectl
 * wrote it, was edited by hand, and wins over the journal as it does elsewhere; of what is left of a
 * damaged one the journal knows better.
 */
import { DEFAULT_CONFIG } from "../model/config.ts";
import { buryHopeless } from "../rules/bury_dependents.ts";
import { circleText, findCircle } from "../rules/dependencies.ts";
import { Records } from "../rules/records.ts";
import { isThere } from "../machine/io.ts";
import { type Findings, type JobsFound, report } from "./findings.ts";
import { lookAtConfig } from "./look_at_config.ts";
import { lookAtJournal } from "./look_at_journal.ts";
import { lookAtSnapshot } from "./look_at_snapshot.ts";
import { lookForLeftovers } from "./look_for_leftovers.ts";
import type { Paths } from "./paths.ts";

/** What a look is given from outside. */
export interface LookOptions {
  /** Told how many of a file's jobs have been looked at. */
  readonly onProgress: (done: number, total: number) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Only under both locks; changes nothing. */
export function look(paths: Paths, { clock, onProgress }: LookOptions): Findings {
  const findings: Findings = {
    problems: [],
    records: new Records(),
    config: {},
    next: 1,
    generation: 0,
    damaged: new Set(),
    stale: new Set(),
  };
  const { records, damaged } = findings;
  const now = new Date(clock()).toISOString();
  Object.assign(findings.config, lookAtConfig(paths, findings));
  const maxRetries = findings.config.max_retries ?? DEFAULT_CONFIG.max_retries;
  const defaults = { now, maxRetries, onProgress };
  const found: JobsFound = {
    jobs: lookAtSnapshot(paths.jobs, findings, defaults),
    dlq: lookAtSnapshot(paths.dlq, findings, defaults),
  };
  lookForMissing(paths, findings, found);
  const inBoth = new Set<string>();
  for (const job of [...found.jobs, ...found.dlq]) {
    if (records.get(job.id)) inBoth.add(job.id);
    records.apply({ put: job });
  }
  lookAtJournal(paths, findings, found, inBoth);
  for (const id of inBoth) {
    const what = `job '${id}' is in jobs.json too`;
    report(findings, paths.dlq, null, what, "keep the one in dlq.json");
    damaged.add(paths.dlq);
  }
  breakCircles(paths, findings);
  buryHopeless(records, now);
  lookForLeftovers(paths, findings);
  return findings;
}

/** A queue that a hand has made may have one snapshot alone; one with a journal or numbers had both. */
function lookForMissing(paths: Paths, findings: Findings, { jobs, dlq }: JobsFound): void {
  const isByHand = !isThere(paths.journal) && [...jobs, ...dlq].every(({ seq }) => seq === 0);
  if (isByHand) return;
  for (const path of [paths.jobs, paths.dlq]) {
    if (isThere(path)) continue;
    report(findings, path, null, "the file is missing", "write an empty one");
    findings.damaged.add(path);
  }
}

function breakCircles(paths: Paths, findings: Findings): void {
  const { records, damaged } = findings;
  for (let circle = findCircle(records); circle; circle = findCircle(records)) {
    const [id, dependency] = circle as [string, string];
    const repair = `let '${id}' no longer wait for '${dependency}'`;
    report(findings, paths.jobs, null, circleText(circle), repair);
    damaged.add(paths.jobs);
    const { depends_on = [], ...job } = records.find(id);
    const others = depends_on.filter((other) => other !== dependency);
    records.apply({ put: others.length > 0 ? { ...job, depends_on: others } : job });
  }
}
