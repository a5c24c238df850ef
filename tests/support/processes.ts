/** True while a process is there and is no zombie. */
export function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** The pids of all processes whose environment has a text in it. */
export function processesWith(text: string): readonly number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === Deno.pid || !isRunning(pid)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${pid}/environ`).includes(text)) found.push(pid);
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}
