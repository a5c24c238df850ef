/** Which jobs a command is about: those that are named, or all that are in a state or have a tag. */
import { usage } from "../model/errors.ts";
import type { State } from "../model/job.ts";
import type { ListFilter } from "../model/listing.ts";
import type { Queue, Unfit } from "../model/queue.ts";
import { idsOf } from "./ids_of.ts";

export interface SelectionFlags {
  readonly "all"?: boolean;
  readonly "state"?: readonly (readonly State[])[];
  readonly "tag"?: readonly (readonly string[])[];
}

/** The words of people, or what the jobs are to be like. */
type Selection = readonly string[] | ListFilter;

/**
 * Reads it.
 *
 * @param usual the states that are meant if none is named
 * @param possible the states that may be named
 * @throws {QueueError} `usage` if jobs are neither named nor selected, or both
 */
export function readSelection(
  words: readonly string[],
  { all, state, tag }: SelectionFlags,
  usual: readonly State[],
  possible: readonly State[] = usual,
): Selection {
  const selects = all === true || state !== undefined || tag !== undefined;
  if (selects === words.length > 0) {
    throw usage(
      selects ? "ids and --all, --state or --tag exclude each other" : "ID is missing",
      "name jobs, or say which with --state, --tag or --all",
    );
  }
  if (!selects) return words;
  const states = state?.flat() ?? usual;
  const other = states.find((each) => !possible.includes(each));
  if (other) {
    throw usage(`this cannot be done to ${other} jobs`, `only to ${possible.join(", ")} ones`);
  }
  return { states, ...(tag ? { tags: tag.flat() } : {}) };
}

/** The jobs that are meant. */
interface Selected {
  readonly ids: readonly string[];
  /** Of jobs that are named it is all or none; of others all that can, when it is done. */
  readonly unfit: Unfit;
}

/** Looks the jobs up, the oldest first if they are not named. */
export async function select(queue: Queue, selection: Selection): Promise<Selected> {
  if (isNamed(selection)) return { ids: await idsOf(queue, selection), unfit: "refuse" };
  const { jobs } = await queue.list(selection);
  return { ids: jobs.map(({ id }) => id).reverse(), unfit: "leave" };
}

function isNamed(selection: Selection): selection is readonly string[] {
  return Array.isArray(selection);
}
