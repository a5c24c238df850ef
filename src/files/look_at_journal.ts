import { idOf } from "../rules/records.ts";
import { ifThere } from "../machine/io.ts";
import { sumOf } from "./checksum.ts";
import { type Findings, type JobsFound, report } from "./findings.ts";
import { decodeHeader, type Header, type Line } from "./journal_line.ts";
import { headersBeside } from "./load.ts";
import type { Paths } from "./paths.ts";
import { salvageLines } from "./salvage.ts";

/**
 * The snapshots that a hand has edited since the journal with this header began: neither it nor a
 * checkpoint that was cut off has written them so.
 */
function editedByHand(
  paths: Paths,
  { damaged }: Findings,
  header: Header | undefined,
): readonly (keyof JobsFound)[] {
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

/**
 * Brings what was found in the snapshots on to what the journal says.
 *
 * @param inBoth the jobs that both snapshots have: those that the journal knows are taken out
 */
export function lookAtJournal(
  paths: Paths,
  findings: Findings,
  snapshots: JobsFound,
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
