import { nameSome } from "../model/text.ts";

/** That these jobs can never run now, as what they waited for has not completed. */
export function describeBuried(ids: readonly string[]): string {
  return `what waited for it is dead now: ${
    nameSome(ids)
  } (\`retry --with-dependents\` brings all back)`;
}
