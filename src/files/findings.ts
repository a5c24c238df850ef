/** What a look at a queue's files has found. */
import type { Config } from "../model/config.ts";
import type { Problem } from "../model/examination.ts";
import type { Job } from "../model/job.ts";
import { lineNotUtf8, NOT_UTF8, readBytesIfThere } from "../machine/text_file.ts";
import type { Records } from "../rules/records.ts";

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

/** The jobs that each file gives. */
export type JobsFound = Readonly<Record<"jobs" | "dlq", readonly Job[]>>;

/** Notes what is wrong, and what a repair would do about it. */
export function report(
  { problems }: Findings,
  file: string,
  line: number | null,
  what: string,
  repair: string,
): void {
  problems.push({ file, line, what, repair });
}

/** The text of a file, also where it is none; undefined if there is no such file. */
export function readAnyText(path: string, findings: Findings): string | undefined {
  const bytes = readBytesIfThere(path);
  if (!bytes) return undefined;
  const line = lineNotUtf8(bytes);
  if (line !== undefined) {
    report(findings, path, line, NOT_UTF8, "write \uFFFD in the place of what is none");
    findings.damaged.add(path);
  }
  return new TextDecoder().decode(bytes);
}
