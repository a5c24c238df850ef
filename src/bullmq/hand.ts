import type { Engine } from "./engine.ts";

/** What a change is carried out with. */
export interface Hand {
  readonly engine: Engine;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly makeNonce: () => string;
}
