/**
 * The processes of a run, and how to end them all.
 *
 * A run's processes carry its mark, `QUEUECTL_RUN=<run id>`, in their environment, and are found by
 * it even when their parent has died; the run's own process, and children that dropped the mark or
 * hide it (what runs as another user), are found by their parent. Who was found once is known from
 * then on. What sheds both before it is looked for is beyond this.
 */

/** The environment variable that marks the processes of a run. */
export const RUN_MARK = "QUEUECTL_RUN";

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000;

const FIRST_LOOK_MS = 5;
const LONGEST_PAUSE_MS = 200;

/** After SIGKILL a process is gone in an instant, unless the kernel holds it: wait no longer. */
const KILL_PATIENCE_MS = 5_000;

/** One process, as the system lists it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** True if it carries the mark. */
  readonly marked: boolean;
  /** Tells it from a later process with its pid; undefined where the system does not tell. */
  readonly begun?: string;
}

/**
 * The marked processes and all their descendants, without this process.
 *
 * @param root a child of this process that counts as marked; who has its pid after it is no child
 * @param known processes that were found before, by pid, and when each has begun
 */
export function treeOf(
  processes: readonly Process[],
  root?: number,
  known: ReadonlyMap<number, string> = new Map(),
): readonly number[] {
  const found = new Set<number>();
  for (const { pid, parent, marked, begun } of processes) {
    const isKnown = begun !== undefined && known.get(pid) === begun;
    if (marked || isKnown || (pid === root && parent === Deno.pid)) found.add(pid);
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid);
  }
  found.delete(Deno.pid);
  return [...found];
}

/**
 * Ends a run's processes: SIGTERM, after the grace SIGKILL, looking again until nothing is left.
 *
 * @param root the run's own process, if it is a child of this one
 * @param known who was found before, by pid, and when each has begun; gets who is found now
 * @returns false if something was left all the same
 */
export async function endTree(
  run: string,
  root?: number,
  known: Map<number, string> = new Map(),
): Promise<boolean> {
  if (Deno.build.os === "windows") return await endTreeOnWindows(root);
  const list = Deno.build.os === "linux" ? listOnLinux : listWithPs;
  const since = performance.now();
  let told = new Set<number>();
  for (let pause = FIRST_LOOK_MS;; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const processes = await list(`${RUN_MARK}=${run}`);
    const left = treeOf(processes, root, known);
    if (left.length === 0) return true;
    for (const { pid, begun } of processes) {
      if (begun !== undefined && left.includes(pid)) known.set(pid, begun);
    }
    const elapsed = performance.now() - since;
    if (elapsed > GRACE_MS + KILL_PATIENCE_MS) return false;
    if (elapsed >= GRACE_MS) {
      signal(left, "SIGKILL");
    } else {
      signal(left.filter((pid) => !told.has(pid)), "SIGTERM");
      told = new Set([...told, ...left]);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function signal(pids: readonly number[], name: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, name);
    } catch {
      // It ended in between, or is somebody else's: the next look tells.
    }
  }
}

/** Where these stand in `/proc/PID/stat`, behind the name (proc(5), fields 20 and 22). */
const THREADS = 17;
const STARTED = 19;

/** More rounds than this find only what is started faster than anybody can look. */
const MOST_ROUNDS = 20;

/**
 * From `/proc`, looked at again until nothing is new: who starts another process and ends before it is
 * looked at would take that one out of sight. A zombie has ended, only its parent has not looked yet; but where other threads go on,
 * only the first one has.
 */
function listOnLinux(mark: string): Promise<readonly Process[]> {
  const processes: Process[] = [];
  const seen = new Set<number>();
  for (let round = 0, before = -1; seen.size > before && round < MOST_ROUNDS; round++) {
    before = seen.size;
    for (const { name } of Deno.readDirSync("/proc")) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || seen.has(pid)) continue;
      seen.add(pid);
      const process = readProcess(pid, mark);
      if (process) processes.push(process);
    }
  }
  return Promise.resolve(processes);
}

/** Undefined for one that has ended. */
function readProcess(pid: number, mark: string): Process | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parent] = fields;
    if (state === "X" || (state === "Z" && Number(fields[THREADS]) <= 1)) return undefined;
    const begun = fields[STARTED];
    return { pid, parent: Number(parent), marked: hasMark(pid, mark), ...(begun ? { begun } : {}) };
  } catch {
    return undefined;
  }
}

function hasMark(pid: number, mark: string): boolean {
  const isIn = (path: string): boolean => Deno.readTextFileSync(path).split("\0").includes(mark);
  try {
    return isIn(`/proc/${pid}/environ`);
  } catch {
    // The first thread has ended, perhaps: the others still show it.
  }
  try {
    const threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
    return threads.some(({ name }) =>
      name !== String(pid) && isIn(`/proc/${pid}/task/${name}/environ`)
    );
  } catch {
    return false;
  }
}

/** Where there is no `/proc` (macOS, BSD): `ps` with environments. */
async function listWithPs(mark: string): Promise<readonly Process[]> {
  const { stdout, success, code } = await new Deno.Command("ps", {
    args: ["-A", "-E", "-ww", "-o", "pid=,ppid=,stat=,command="],
    stdin: "null",
    stderr: "null",
  }).output();
  // No list is no sign that nothing is left.
  if (!success) throw new Error(`ps ended with ${code}`);
  return parsePs(new TextDecoder().decode(stdout), mark);
}

/** Reads what `ps -o pid=,ppid=,stat=,command=` prints. */
export function parsePs(output: string, mark: string): readonly Process[] {
  return output.split("\n").flatMap((line) => {
    const [, pid, parent, state, rest] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith("Z")) return [];
    return [{
      pid: Number(pid),
      parent: Number(parent),
      marked: ` ${rest} `.includes(` ${mark} `),
    }];
  });
}

/** What `taskkill` ends with when there is no such process. */
const NO_SUCH_PROCESS = 128;

/** A mark cannot be seen there: without its root a run cannot be found. */
async function endTreeOnWindows(root: number | undefined): Promise<boolean> {
  if (root === undefined) return true;
  const { success, code } = await new Deno.Command("taskkill", {
    args: ["/pid", String(root), "/t", "/f"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success || code === NO_SUCH_PROCESS;
}
