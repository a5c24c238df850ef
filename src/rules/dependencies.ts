/** Which jobs a job may wait for. */
import { QueueError, usage } from "../model/errors.ts";
import { isEnded, isLost } from "../model/job.ts";
import type { Records } from "./records.ts";

/** The `depends_on` of jobs that a transaction adds or changes, by their ids. */
type NewDependencies = ReadonlyMap<string, readonly string[] | undefined>;

/**
 * Checks what the jobs of a transaction depend on.
 *
 * @throws {QueueError} `not_found` or `conflict` for a job that cannot be waited for, `usage` for
 * jobs that would wait for each other in a circle
 */
export function checkDependencies(records: Records, changed: NewDependencies): void {
  for (const [id, dependencies] of changed) {
    for (const dependency of dependencies ?? []) {
      if (!changed.has(dependency)) checkDependency(records, id, dependency);
    }
  }
  refuseCircles(records, changed);
}

function checkDependency(records: Records, id: string, dependency: string): void {
  const state = records.get(dependency)?.state;
  if (state === undefined) {
    throw new QueueError(
      "not_found",
      `job '${id}' depends on '${dependency}', which does not exist`,
      "what a job depends on is named by its whole id",
    );
  }
  if (isLost(state)) {
    throw new QueueError(
      "conflict",
      `job '${id}' depends on '${dependency}', which is ${state}`,
      `\`queuectl retry ${dependency}\` has it run again; jobs that depend on each other go in together with --file`,
    );
  }
}

/** A job that is there already may wait for a new one too: for an id that was deleted before. */
function refuseCircles(records: Records, changed: NewDependencies): void {
  const circle = circleAmong(
    changed.keys(),
    (id) => changed.has(id) ? changed.get(id) : records.get(id)?.depends_on,
  );
  if (circle) throw usage(circleText(circle));
}

/** What is wrong with jobs that would wait for each other for ever. */
export function circleText(circle: readonly string[]): string {
  return `the jobs wait for each other in a circle: ${circle.join(" -> ")}`;
}

/**
 * Jobs that have not ended and wait for each other, as only a hand can have written them.
 *
 * @returns the ids, each waiting for the next, and the first again at the end; undefined if there are none
 */
export function findCircle(records: Records): readonly string[] | undefined {
  if (!records.hasDependents) return undefined;
  return circleAmong(
    records.values().map(({ id }) => id),
    (id) => {
      const job = records.get(id);
      return job && !isEnded(job.state) ? job.depends_on : undefined;
    },
  );
}

function circleAmong(
  starts: Iterable<string>,
  dependenciesOf: (id: string) => readonly string[] | undefined,
): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of starts) {
    const path: string[] = [];
    const onPath = new Set<string>();
    // An explicit stack: a chain of many thousand jobs is nothing unusual.
    const stack: { readonly id: string; readonly leave: boolean }[] = [{ id: start, leave: false }];
    for (let step = stack.pop(); step; step = stack.pop()) {
      const { id, leave } = step;
      if (leave) {
        path.pop();
        onPath.delete(id);
        done.add(id);
        continue;
      }
      if (onPath.has(id)) return [...path.slice(path.indexOf(id)), id];
      const next = dependenciesOf(id);
      if (done.has(id) || !next?.length) continue;
      path.push(id);
      onPath.add(id);
      stack.push({ id, leave: true });
      for (const dependency of next) stack.push({ id: dependency, leave: false });
    }
  }
  return undefined;
}
