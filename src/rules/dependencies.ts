/** Which jobs a job may wait for. */
import { QueueError, usage } from "../model/errors.ts";
import { isLost } from "../model/job.ts";
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
  const dependenciesOf = (id: string): readonly string[] | undefined =>
    changed.has(id) ? changed.get(id) : records.get(id)?.depends_on;
  const done = new Set<string>();
  for (const [start, dependencies] of changed) {
    if (!dependencies?.length) continue;
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
      if (onPath.has(id)) {
        const circle = [...path.slice(path.indexOf(id)), id].join(" -> ");
        throw usage(`the jobs wait for each other in a circle: ${circle}`);
      }
      const next = dependenciesOf(id);
      if (done.has(id) || !next?.length) continue;
      path.push(id);
      onPath.add(id);
      stack.push({ id, leave: true });
      for (const dependency of next) stack.push({ id: dependency, leave: false });
    }
  }
}
