/** Parameters that several commands share. */
import { someOf, states, text, toggle, value, values, wholeNumber } from "./flags.ts";

export const MOST_ROWS = 1_000_000_000;

export const ids = {
  kind: "array",
  parameter: {
    brief: "Job ids, or beginnings that only one job has",
    placeholder: "ID",
    parse: text,
  },
} as const;

export const someIds = { ...ids, minimum: 1 } as const;

/** Without it the command is about the latest job. */
export const perhapsOneId = {
  kind: "tuple",
  parameters: [{
    brief: "A job's id, or a beginning that only it has",
    placeholder: "ID",
    parse: text,
    optional: true,
  }],
} as const;

export const oneKey = {
  brief: "A setting",
  placeholder: "KEY",
  parse: text,
} as const;

export const someNames = {
  kind: "array",
  minimum: 1,
  parameter: { brief: "Names of schedules", placeholder: "NAME", parse: text },
} as const;

export const limitFlag = value(
  wholeNumber("--limit", 1, MOST_ROWS),
  "N",
  "At most N jobs; 50 if absent, all with --json",
);

export const linesFlag = value(
  wholeNumber("--lines", 0, MOST_ROWS),
  "N",
  "Only the last N lines",
);

/** Which jobs are meant, where none is named. */
export const selectionFlags = {
  "state": values(states, "STATE", "All jobs in this state; repeat, or use commas"),
  "tag": values(someOf("--tag"), "TAG", "All jobs with this tag; of several, with each"),
} as const;

export const yesFlag = toggle("Do not ask");
