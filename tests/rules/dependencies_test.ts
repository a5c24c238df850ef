import assert from "node:assert/strict";
import fc from "fast-check";
import { newRecord } from "../../src/model/job.ts";
import { checkDependencies } from "../../src/rules/dependencies.ts";
import { Records } from "../../src/rules/records.ts";
import { add, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

type Edges = ReadonlyMap<string, readonly string[]>;

/** What is left when whoever waits for nobody goes, again and again, stands in a circle or waits for one. */
function hasCircle(edges: Edges): boolean {
  const left = new Map(edges);
  for (;;) {
    const free = [...left].filter(([, next]) => !next.some((id) => left.has(id)));
    if (free.length === 0) return left.size > 0;
    for (const [id] of free) left.delete(id);
  }
}

function recordsOf(edges: Edges): Records {
  const records = new Records();
  const made = { seq: 1, now: "2030-01-01T00:00:00.000Z", maxRetries: 0 };
  for (const [id, depends_on] of edges) {
    records.apply({ put: newRecord({ command: "true", depends_on }, { ...made, id }) });
  }
  return records;
}

const IDS = ["a", "b", "c", "d", "e", "f"];
const edges = fc.array(fc.subarray(IDS, { maxLength: 2 }), {
  minLength: IDS.length,
  maxLength: IDS.length,
}).map((lists): Edges => new Map(IDS.map((id, index) => [id, lists[index]!])));

Deno.test("jobs that would wait for each other are refused, and no others", () => {
  const seen = { circles: 0, none: 0 };
  fc.assert(
    fc.property(edges, fc.subarray(IDS), (all, changed) => {
      const before = new Map([...all].map(([id, next]) => [id, changed.includes(id) ? [] : next]));
      // What stood there before was checked then.
      fc.pre(!hasCircle(before));
      const changes = new Map([...all].filter(([id]) => changed.includes(id)));
      const check = (): void => checkDependencies(recordsOf(before), changes);
      if (hasCircle(all)) {
        seen.circles++;
        assert.throws(check, { code: "usage", message: /in a circle: (\w) -> .*\1$/ });
      } else {
        seen.none++;
        check();
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(seen.circles > 20 && seen.none > 20, JSON.stringify(seen));
});

Deno.test("a chain of a hundred thousand jobs is checked without a deep stack", () => {
  const chain = new Map(
    Array.from({ length: 100_000 }, (_, i) => [`j${i}`, i === 0 ? [] : [`j${i - 1}`]] as const),
  );
  checkDependencies(new Records(), chain);
  assert.throws(
    () => checkDependencies(new Records(), new Map([...chain, ["j0", ["j99999"]]])),
    { code: "usage" },
  );
});

Deno.test("what waits for several jobs that are cancelled together is buried once, and not if it is one of them", async () => {
  await withDirectory((directory) =>
    withQueue(directory, async (queue) => {
      await add(
        queue,
        { id: "a", command: "true" },
        { id: "b", command: "true", depends_on: ["a"] },
        { id: "c", command: "true", depends_on: ["a", "b"] },
        { id: "d", command: "true", depends_on: ["c"] },
      );
      const { buried } = await queue.cancel(["a", "b"]);
      assert.deepEqual(buried, ["c", "d"]);
      const jobs = await queue.get(["a", "b", "c", "d"]);
      assert.deepEqual(
        jobs.map(({ state }) => state),
        ["cancelled", "cancelled", "dead", "dead"],
      );
    })
  );
});
