/** A worker's place in a queue of files. */
import { isThere, type Owner } from "../machine/io.ts";
import { makeLogFor } from "../machine/log.ts";
import { runLogPath } from "../machine/paths.ts";
import { Presence } from "../machine/presence.ts";
import type { Job } from "../model/job.ts";
import type { Claim, ClaimedJob, RunKey, Seat, Settled } from "../model/seat.ts";
import type { Outcome } from "../model/transitions.ts";
import { claim } from "../rules/claim.ts";
import { renew } from "../rules/renew.ts";
import { settle } from "../rules/settle.ts";
import { WaitingLine } from "../rules/waiting_line.ts";
import { endRuns } from "./end_runs.ts";
import { removedWhileInUse } from "./queue_lock.ts";
import type { Store } from "./store.ts";

/**
 * Takes a place as a worker.
 *
 * @param makeRun makes run ids, never one twice
 * @throws {QueueError} `conflict` if there is a worker of this name
 */
export async function join(store: Store, worker: string, makeRun: () => string): Promise<Seat> {
  // The first lock makes the directory and everything in it, if nobody was here before.
  await store.locked(() => Presence.makeRoom(store.paths, store.owner));
  const presence = Presence.take(store.paths, store.owner, worker, store.now);
  return new FilesSeat(store, worker, makeRun, presence);
}

class FilesSeat implements Seat {
  #line: WaitingLine;
  readonly #owner: Owner | undefined;

  constructor(
    readonly store: Store,
    readonly id: string,
    readonly makeRun: () => string,
    readonly presence: Presence,
  ) {
    this.#owner = store.owner;
    this.#line = new WaitingLine(store.records);
    store.onReload(() => this.#line = new WaitingLine(store.records));
  }

  async claim(): Promise<Claim> {
    const run = this.makeRun();
    const claimed = await this.store.transact((view) =>
      claim(view, this.#line, { worker: this.id, run })
    );
    return "kind" in claimed ? claimed : this.#claimedJob(claimed, run);
  }

  async settle(key: RunKey, outcome: Outcome, claimNext: boolean): Promise<Settled> {
    const run = this.makeRun();
    const { job, claimed } = await endRuns(this.store, [key.id], (view) => {
      const ended = settle(view, key, outcome);
      // What is run when a job has ended comes before the next job; and those that waited for it may
      // be the next, which is seen when this is written.
      const frees = !view.records.dependentsOf(key.id)[Symbol.iterator]().next().done;
      const next = claimNext && !frees && ended.result && view.config.on_finish === ""
        ? claim(view, this.#line, { worker: this.id, run })
        : undefined;
      return {
        events: [...ended.events, ...next?.events ?? []],
        result: { job: ended.result, claimed: next?.result },
      };
    }, ({ job }) => job ? [job] : []);
    const next = claimed && !("kind" in claimed) ? this.#claimedJob(claimed, run) : undefined;
    return { job, next };
  }

  #claimedJob(job: Job, run: string): ClaimedJob {
    const { paths, config } = this.store;
    const log = runLogPath(paths, job.id, run);
    makeLogFor(this.#owner, paths, log);
    return { kind: "job", job, gate: this.presence.gate, log, config };
  }

  renew(key: RunKey): Promise<boolean> {
    return this.store.transact((view) => renew(view, key));
  }

  isMember(): boolean {
    if (this.presence.isThere()) return true;
    const { directory } = this.store.paths;
    if (!isThere(directory)) throw removedWhileInUse(directory);
    return false;
  }

  log(text: string): void {
    this.presence.log(text);
  }

  leave(): Promise<void> {
    this.presence.leave();
    return Promise.resolve();
  }
}
