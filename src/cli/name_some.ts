const MOST_NAMED = 5;

/** Ids in a sentence: the first of them, and how many more there are. */
export function nameSome(ids: readonly string[]): string {
  const named = ids.slice(0, MOST_NAMED).join(", ");
  return ids.length > MOST_NAMED ? `${named} and ${ids.length - MOST_NAMED} more` : named;
}
