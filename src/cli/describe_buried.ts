const MOST_NAMED = 5;

/** That these jobs can never run now, as what they waited for has not completed. */
export function describeBuried(ids: readonly string[]): string {
  const named = ids.slice(0, MOST_NAMED).join(", ");
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : "";
  return `what waited for it is dead now: ${named}${more} (\`retry --with-dependents\` brings all back)`;
}
