/**
 * Looks at every file of a queue, and says what is wrong. Unlike everything else it reads damaged
 * files: what can still be understood is put together. A snapshot that is whole, and not as queuectl
 * wrote it, was edited by hand, and wins over the journal as it does elsewhere; of what is left of a
 * damaged one the journal knows better.
 */
import { checkConfig, type Config, DEFAULT_CONFIG } from "../model/config.ts";
import { QueueError } from "../model/errors.ts";
import { type Job, runsOf } from "../model/job.ts";
import type { Problem } from "../model/examination.ts";
import { parseRecord } from "../model/record.ts";
import { ifThere, readTextIfThere } from "../machine/io.ts";
import { sumOf } from "./checksum.ts";
import { decodeHeader, type Header, type Line } from "./journal_line.ts";
import { headersBeside } from "./load.ts";
import { isRunLog, runLogPath } from "../machine/paths.ts";
import { nextJournals, type Paths, temporaries } from "./paths.ts";
import { idOf, Records } from "../rules/records.ts";
import { salvageLines } from "./salvage.ts";
import { describeSyntaxError, linesOfItems } from "../model/json_faults.ts";
import { isAlive, workerIds } from "../machine/worker_file.ts";

/** What a look is given from outside. */
export interface LookOptions {
  /** Told how many of a file's jobs have been looked at. */
  readonly onProgress: (done: number, total: number) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Everything that could be read, and what is wrong. */
export interface Findings {
  readonly problems: Problem[];
  readonly records: Records;
  readonly config: Partial<Config>;
  next: number;
  generation: number;
  /** Files that a repair writes anew. */
  readonly damaged: Set<string>;
  /** Files that a repair takes away. */
  readonly stale: Set<string>;
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
  const now = new Date(clock()).toISOString();
  Object.assign(findings.config, lookAtConfig(paths, findings));
  const maxRetries = findings.config.max_retries ?? DEFAULT_CONFIG.max_retries;
  const inBoth = new Set<string>();
  const defaults = { now, maxRetries, onProgress };
  const snapshots: Snapshots = {
    jobs: lookAtSnapshot(paths.jobs, findings, defaults),
    dlq: lookAtSnapshot(paths.dlq, findings, defaults),
  };
  for (const job of [...snapshots.jobs, ...snapshots.dlq]) {
    if (findings.records.get(job.id)) inBoth.add(job.id);
    findings.records.apply({ put: job });
  }
  lookAtJournal(paths, findings, snapshots, inBoth);
  for (const id of inBoth) {
    report(
      findings,
      paths.dlq,
      null,
      `job '${id}' is in jobs.json too`,
      "keep the one in dlq.json",
    );
    findings.damaged.add(paths.dlq);
  }
  lookForLeftovers(paths, findings);
  return findings;
}

function report(
  { problems }: Findings,
  file: string,
  line: number | null,
  what: string,
  repair: string,
): void {
  problems.push({ file, line, what, repair });
}

function lookAtConfig(paths: Paths, findings: Findings): Partial<Config> {
  const text = readTextIfThere(paths.config);
  if (text === undefined) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
    return checkConfig(parsed);
  } catch (error) {
    findings.damaged.add(paths.config);
    if (!(error instanceof QueueError)) {
      const { line, what } = describeSyntaxError(text, error);
      report(findings, paths.config, line ?? null, what, "begin with the defaults");
      return {};
    }
    return rightSettings(
      parsed,
      (what) => report(findings, paths.config, null, what, "keep the settings that are right"),
    );
  }
}

/** The settings that are right; tells what is wrong with each of the others. */
function rightSettings(parsed: unknown, onWrong: (what: string) => void): Partial<Config> {
  const entries = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
    ? Object.entries(parsed)
    : [];
  if (entries.length === 0) onWrong("the settings must be a JSON object");
  let right: Partial<Config> = {};
  for (const [key, value] of entries) {
    try {
      right = checkConfig({ ...right, [key]: value });
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      onWrong(error.message);
    }
  }
  return right;
}

function lookAtSnapshot(
  path: string,
  findings: Findings,
  { onProgress, ...defaults }: {
    readonly now: string;
    readonly maxRetries: number;
    readonly onProgress: LookOptions["onProgress"];
  },
): readonly Job[] {
  const text = readTextIfThere(path);
  if (text === undefined) {
    report(findings, path, null, "the file is missing", "write an empty one");
    findings.damaged.add(path);
    return [];
  }
  const seen = new Set<string>();
  const items = itemsOf(text, path, findings);
  return items.flatMap(({ item, line }, index) => {
    onProgress(index, items.length);
    try {
      const job = parseRecord(item, { ...defaults, seq: 0 });
      if (seen.has(job.id)) throw new QueueError("corrupt", `the id '${job.id}' is there twice`);
      seen.add(job.id);
      return [job];
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      report(findings, path, line, error.message, "leave this job out");
      findings.damaged.add(path);
      return [];
    }
  });
}

/** The elements of a snapshot's array; where it is no JSON, those that stand on a line of their own. */
function itemsOf(
  text: string,
  path: string,
  findings: Findings,
): readonly { item: unknown; line: number | null }[] {
  try {
    const items: unknown = JSON.parse(text);
    if (Array.isArray(items)) {
      const lines = linesOfItems(text);
      return items.map((item, index) => ({ item, line: lines[index] ?? null }));
    }
    report(findings, path, 1, "this is no JSON array of jobs", "write an empty one");
  } catch (error) {
    const { line, what } = describeSyntaxError(text, error);
    report(findings, path, line ?? null, what, "keep the jobs on whole lines");
  }
  findings.damaged.add(path);
  return text.split("\n").flatMap((each, index) => {
    const plain = each.trim().replace(/,$/, "");
    if (plain === "" || plain === "[" || plain === "]") return [];
    try {
      return [{ item: JSON.parse(plain), line: index + 1 }];
    } catch {
      report(findings, path, index + 1, "this line is no JSON of its own", "leave it out");
      return [];
    }
  });
}

/** The jobs that each file gives. */
type Snapshots = Readonly<Record<"jobs" | "dlq", readonly Job[]>>;

/**
 * The snapshots that a hand has edited since the journal with this header began: neither it nor a
 * checkpoint that was cut off has written them so.
 */
function editedByHand(
  paths: Paths,
  { damaged }: Findings,
  header: Header | undefined,
): readonly (keyof Snapshots)[] {
  if (!header) return [];
  const known = [header, ...headersBeside(paths, header.generation)];
  return (["jobs", "dlq"] as const).filter((name) => {
    const bytes = ifThere(() => Deno.readFileSync(paths[name]));
    if (!bytes || damaged.has(paths[name])) return false;
    return !known.some((each) =>
      each[name].size === bytes.length && each[name].sum === sumOf(bytes)
    );
  });
}

function lookAtJournal(
  paths: Paths,
  findings: Findings,
  snapshots: Snapshots,
  inBoth: Set<string>,
): void {
  const bytes = ifThere(() => Deno.readFileSync(paths.journal));
  if (bytes === undefined) return lookWithoutJournal(paths, findings);
  const end = bytes.indexOf(10);
  const first = new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
  const header = decodeHeader(first);
  if (!header) {
    report(
      findings,
      paths.journal,
      1,
      "this is no header of a journal",
      "begin a new journal, without a pause and schedules that this one began with",
    );
    findings.damaged.add(paths.journal);
  } else {
    findings.generation = header.generation;
    findings.next = header.base;
    findings.records.restore(header.state);
  }
  const edited = editedByHand(paths, findings, header);
  const isEmptied = edited.length > 0 && snapshots.jobs.length + snapshots.dlq.length === 0;
  const apply = ({ n, events }: Line): void => {
    for (const event of events) {
      const id = idOf(event);
      if (id === undefined || !isEmptied) findings.records.apply(event);
      inBoth.delete(id ?? "");
    }
    findings.next = n + events.length;
  };
  for (const { line, what } of salvageLines(bytes.subarray(end + 1), header?.chain, apply)) {
    report(findings, paths.journal, line + 1, what, "leave this line out");
    findings.damaged.add(paths.journal);
  }
  for (const name of edited) {
    for (const job of snapshots[name]) findings.records.apply({ put: job });
  }
}

/** A queue made by hand has none yet; records with numbers are queuectl's own, and had one. */
function lookWithoutJournal({ journal }: Paths, findings: Findings): void {
  if ([...findings.records.values()].every(({ seq }) => seq === 0)) return;
  const lost = "a pause, schedules, and what came after jobs.json was written are not known";
  report(findings, journal, null, `the file is missing: ${lost}`, "begin a new journal");
  findings.damaged.add(journal);
}

/** What is in nobody's way, and should not be there. */
function lookForLeftovers(paths: Paths, findings: Findings): void {
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
