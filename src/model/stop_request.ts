/** A request to stop, as the word or two that it is kept as. */

/** What is asked. */
export interface StopRequest {
  /** End the runs and put the jobs back, instead of finishing what runs. */
  readonly force: boolean;
  /** All workers are asked. */
  readonly all: boolean;
}

export function writeStop({ force, all }: StopRequest): string {
  return `${force ? "force" : "finish"}${all ? " all" : ""}`;
}

export function readStop(text: string): StopRequest {
  const words = text.trim().split(" ");
  return { force: words.includes("force"), all: words.includes("all") };
}
