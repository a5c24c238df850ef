/**
 * That a queue's jobs are being moved, noted on the server as well.
 *
 * Promise: of one queue only one moves at a time, on whatever machine. Who is killed frees it at once
 * on its own machine; elsewhere one has to see first that it says nothing any more.
 */
import type { Owner } from "../machine/io.ts";
import { holdForMove, movedByAnother } from "../machine/move_hold.ts";
import type { MachinePaths } from "../machine/paths.ts";
import { here } from "../machine/place.ts";
import { MOVE_NOTES, type MoveHold, type MoveNote } from "../model/move_hold.ts";
import { pause } from "../timer.ts";
import type { Engine } from "./engine.ts";
import { type Notes, QUEUE_NOTES } from "./notes.ts";

const MOVING = "moving";
/** What stands here from the beginning of a move to its end is noted under names that begin so. */
const NOTED = "for_move:";

/** True from the beginning of a move to its end, also of one that was cut off. */
export function isBeingMoved(notes: Readonly<Record<string, string>>): boolean {
  return MOVE_NOTES.some((name) => `${NOTED}${name}` in notes);
}

/** How often who moves says that it goes on, in milliseconds. */
const SAYS_MS = 1_000;

/** Who has said nothing for longer is dead, in milliseconds. */
const SILENT_MS = 6_000;

/** Of two who begin at once the later one has said so by then, in milliseconds. */
const SETTLED_MS = 500;

/** Who moves: no two of these are the same, not even of one process. */
interface Mover {
  /** The directory that it moves from or to, and the machine that this is on. */
  readonly directory: string;
  readonly host: string;
  readonly boot: string;
  readonly id: string;
  /** Another one each time that it says so. */
  readonly said: number;
}

/**
 * Takes it.
 *
 * @param makeId makes an id that nobody else has
 * @throws {QueueError} `conflict` if another one has it
 */
export async function holdOnServer(
  engine: Engine,
  paths: MachinePaths,
  owner: Owner | undefined,
  makeId: () => string,
): Promise<MoveHold> {
  const local = holdForMove(paths, owner, engine.name);
  try {
    const { host, boot } = here();
    const mover: Mover = { directory: paths.directory, host, boot, id: makeId(), said: 0 };
    const notes = engine.notes(QUEUE_NOTES);
    await untilFree(engine, notes, mover);
    await say(notes, mover);
    await pause(SETTLED_MS);
    if ((await read(notes))?.id !== mover.id) throw movedByAnother(engine.name);
    return new ServerHold(engine, notes, mover, local);
  } catch (error) {
    await local.release();
    throw error;
  }
}

class ServerHold implements MoveHold {
  readonly #timer: ReturnType<typeof setInterval>;
  #mover: Mover;
  #isLost = false;

  constructor(
    readonly engine: Engine,
    readonly notes: Notes,
    mover: Mover,
    readonly local: MoveHold,
  ) {
    this.#mover = mover;
    // A server that does not answer is for the move itself to tell of.
    this.#timer = setInterval(() => this.#goOn().catch(() => {}), SAYS_MS);
  }

  async #goOn(): Promise<void> {
    this.#isLost ||= (await read(this.notes))?.id !== this.#mover.id;
    if (this.#isLost) return;
    this.#mover = { ...this.#mover, said: this.#mover.said + 1 };
    await say(this.notes, this.#mover);
  }

  async noted(): Promise<MoveNote | undefined> {
    const notes = await this.engine.ask(() => this.notes.all());
    return MOVE_NOTES.find((note) => `${NOTED}${note}` in notes);
  }

  async note(note: MoveNote | undefined): Promise<void> {
    await this.engine.ask(async () => {
      if (note) await this.notes.set(`${NOTED}${note}`, "1");
      await this.notes.remove(
        MOVE_NOTES.filter((name) => name !== note).map((name) => NOTED + name),
      );
    });
  }

  async check(): Promise<void> {
    await this.engine.ask(() => this.#goOn());
    if (this.#isLost) throw movedByAnother(this.engine.name);
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    try {
      if ((await read(this.notes))?.id === this.#mover.id) await this.notes.remove([MOVING]);
    } catch {
      // The server does not answer: what says nothing any more counts for nothing soon.
    }
    await this.local.release();
  }
}

/** Returns when nobody moves it; who shares this directory and does not hold its lock is dead. */
async function untilFree(engine: Engine, notes: Notes, mover: Mover): Promise<void> {
  const first = await read(notes);
  if (!first || isNeighbour(first, mover)) return;
  const until = performance.now() + SILENT_MS;
  while (performance.now() < until) {
    const now = await read(notes);
    if (!now) return;
    if (now.id !== first.id || now.said !== first.said) throw movedByAnother(engine.name);
    await pause(SETTLED_MS);
  }
}

function isNeighbour(a: Mover, b: Mover): boolean {
  return a.directory === b.directory && a.host === b.host && a.boot === b.boot;
}

async function read(notes: Notes): Promise<Mover | undefined> {
  const text = (await notes.all())[MOVING];
  return text === undefined ? undefined : JSON.parse(text);
}

async function say(notes: Notes, mover: Mover): Promise<void> {
  await notes.set(MOVING, JSON.stringify(mover));
}
