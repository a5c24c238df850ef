/** What every queue must do, whatever keeps it: the same cases for files and for servers. */
import type { Location } from "../../src/model/location.ts";
import { withCase } from "./case.ts";
import { CHANGING } from "./cases/changing.ts";
import { DEPENDING } from "./cases/depending.ts";
import { ENQUEUEING } from "./cases/enqueueing.ts";
import { LOOKING } from "./cases/looking.ts";
import { MOVING } from "./cases/moving.ts";
import { RUNNING } from "./cases/running.ts";

/** Hands over a queue's location that nobody has used before. */
type WithLocation = (work: (location: Location) => Promise<void>) => Promise<void>;

const CASES = { ...ENQUEUEING, ...RUNNING, ...DEPENDING, ...CHANGING, ...LOOKING, ...MOVING };

/** Runs every case. */
export function testConformance(name: string, withLocation: WithLocation): void {
  for (const [sentence, body] of Object.entries(CASES)) {
    Deno.test({
      name: `${name}: ${sentence}`,
      // Connections to a server end when it says so, which is after the test.
      sanitizeOps: name === "files",
      sanitizeResources: name === "files",
      fn: () => withLocation((location) => withCase(location, body)),
    });
  }
}
