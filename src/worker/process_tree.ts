/**
 * The processes of a run, and how to end them all.
 *
 * A run's processes carry its mark, `QUEUECTL_RUN=<run id>`, in their environment, and are found by
 * it even when their parent has died; the run's own process, and children that dropped the mark, are
 * found by their parent. What sheds both is beyond this.
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
}

/**
 * The marked processes and all their descendants, without this process.
 *
 * @param root a child of this process that counts as marked; who has its pid after it is no child
 */
export function treeOf(processes: readonly Process[], root?: number): readonly number[] {
  const found = new Set<number>();
  for (const { pid, parent, marked } of processes) {
    if (marked || (pid === root && parent === Deno.pid)) found.add(pid);
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
 * @returns false if something was left all the same
 */
export async function endTree(run: string, root?: number): Promise<boolean> {
  if (Deno.build.os === "windows") return await endTreeOnWindows(root);
  const list = Deno.build.os === "linux" ? listOnLinux : listWithPs;
  const begun = performance.now();
  let told = new Set<number>();
  for (let pause = FIRST_LOOK_MS;; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const left = treeOf(await list(`${RUN_MARK}=${run}`), root);
    if (left.length === 0) return true;
    const elapsed = performance.now() - begun;
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

/** From `/proc`. A zombie has ended: only its parent has not looked yet. */
function listOnLinux(mark: string): Promise<readonly Process[]> {
  const processes: Process[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" || state === "X") continue;
      processes.push({ pid, parent: Number(parent), marked: hasMark(pid, mark) });
    } catch {
      // It ended while we looked.
    }
  }
  return Promise.resolve(processes);
}

function hasMark(pid: number, mark: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").includes(mark);
  } catch {
    return false;
  }
}

/** Where there is no `/proc` (macOS, BSD): `ps` with environments. */
async function listWithPs(mark: string): Promise<readonly Process[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-A", "-E", "-ww", "-o", "pid=,ppid=,stat=,command="],
    stdin: "null",
    stderr: "null",
  }).output();
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

/** A mark cannot be seen there: without its root a run cannot be found. */
async function endTreeOnWindows(root: number | undefined): Promise<boolean> {
  if (root === undefined) return true;
  const { success } = await new Deno.Command("taskkill", {
    args: ["/pid", String(root), "/t", "/f"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}
