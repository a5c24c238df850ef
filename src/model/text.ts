/** Texts that must not become too long for a sentence or a line. */

/** The beginning of a text, with dots behind it, if it is longer than that. */
export function shorten(text: string, most: number, dots = "..."): string {
  return text.length > most ? `${text.slice(0, most - dots.length)}${dots}` : text;
}

const MOST_NAMED = 5;

/** Names in a sentence: the first of them, and how many more there are. */
export function nameSome(names: readonly string[], most = MOST_NAMED): string {
  const named = names.slice(0, most).join(", ");
  return names.length > most ? `${named} and ${names.length - most} more` : named;
}
