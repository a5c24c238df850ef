/**
 * Workers of this machine that died. Those of others are the engine's: their locks run out, and who
 * gets such a job then finds that a worker was lost with it.
 */
import { closeGate, findDead, removeTraces } from "../machine/dead_worker.ts";
import type { MachinePaths } from "../machine/paths.ts";
import type { Config } from "../model/config.ts";
import { isRunning, type Job } from "../model/job.ts";
import type { LostWorker, RunKey } from "../model/seat.ts";
import { settled } from "../model/transitions.ts";
import type { Hand } from "./hand.ts";
import { findJob, readPlace } from "./jobs.ts";
import { recordBefore, runOf } from "./record.ts";
import { recordEnd } from "./record_end.ts";
import { forgetWorker } from "./workers.ts";

/** Finds them, each held against other finders until it is forgotten. */
export async function lostWorkers(
  { engine }: Hand,
  paths: MachinePaths,
  alive: readonly string[],
): Promise<readonly LostWorker[]> {
  const dead = findDead(paths, alive);
  if (dead.length === 0) return [];
  try {
    const active = await engine.ask(() => readPlace(engine, "active"));
    return dead.map(({ id, lock }): LostWorker => ({
      id,
      local: true,
      runs: active.filter(({ stored }) => runOf(stored).worker === id).map(({ job }) => job),
      closeGate: () => closeGate(paths, id),
      forget: async () => {
        removeTraces(paths, id, true);
        await forgetWorker(engine, id);
      },
      release: () => lock.close(),
    }));
  } catch (error) {
    for (const { lock } of dead) lock.close();
    throw error;
  }
}

/**
 * Records the end of a run that its own worker cannot record any more, in that worker's name.
 *
 * @returns the job; undefined if the run is not current any more
 */
export async function settleLost(
  hand: Hand,
  config: Config,
  random: () => number,
  { id, run }: RunKey,
): Promise<Job | undefined> {
  const found = await findJob(hand.engine, id);
  if (!found || found.place !== "active" || !isRunning(found.job) || found.job.run !== run) {
    return undefined;
  }
  const { stored, job } = found;
  const now = new Date(hand.clock()).toISOString();
  const after = settled(job, { kind: "worker_lost" }, { now, config, random });
  const ended = { stored, worker: runOf(stored).worker, before: recordBefore(stored), after };
  return await recordEnd(hand, ended, false) === "refused" ? undefined : after;
}
