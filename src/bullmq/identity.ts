import type { Engine } from "./engine.ts";
import { QUEUE_NOTES } from "./notes.ts";

const IDENTITY = "identity";

/** What tells a queue from every other, whatever URL leads to it. */
export async function identityOf(engine: Engine, make: () => string): Promise<string> {
  const notes = engine.notes(QUEUE_NOTES);
  const known = (await notes.all())[IDENTITY];
  if (known !== undefined) return known;
  await notes.set(IDENTITY, make());
  return (await notes.all())[IDENTITY]!;
}
