import { QueueError } from "../model/errors.ts";
import type { Job } from "../model/job.ts";
import { describeSyntaxError, linesOfItems } from "../model/json_faults.ts";
import { parseRecord } from "../model/record.ts";
import { type Findings, readAnyText, report } from "./findings.ts";

/** The jobs in a snapshot that can be understood; none if there is no such file. */
export function lookAtSnapshot(
  path: string,
  findings: Findings,
  { onProgress, ...defaults }: {
    readonly now: string;
    readonly maxRetries: number;
    readonly onProgress: (done: number, total: number) => void;
  },
): readonly Job[] {
  const text = readAnyText(path, findings);
  if (text === undefined) return [];
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
