/** That a queue is being moved to another. */

/** Of a queue that is being moved: it was paused for that, or it had been paused before. */
export const MOVE_NOTES = ["paused", "moving"] as const;
export type MoveNote = typeof MOVE_NOTES[number];

/** While it is held, nobody else moves the jobs of a queue: one on files from this machine, one on a server from any. */
export interface MoveHold {
  /** What was noted by this move, or by one that was cut off. */
  noted(): Promise<MoveNote | undefined>;
  /** Notes it; undefined at the end. While something is noted and the queue is paused no schedule fires. */
  note(note: MoveNote | undefined): Promise<void>;
  /** @throws {QueueError} `conflict` if somebody else has it by now, as this process stood still */
  check(): Promise<void>;
  release(): Promise<void>;
}

/** Nothing is left of a move that was cut off. */
export async function forgetMove(hold: MoveHold): Promise<void> {
  try {
    await hold.note(undefined);
  } finally {
    await hold.release();
  }
}
