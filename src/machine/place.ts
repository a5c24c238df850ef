/** Where a process runs: pids mean something only to who shares all of it. */

export interface Place {
  readonly host: string;
  /** Changes with every start of the machine; empty where the system does not tell. */
  readonly boot: string;
  /** Differs between containers; empty where the system does not tell. */
  readonly pid_namespace: string;
}

let known: Place | undefined;

/** Where this process runs. */
export function here(): Place {
  return known ??= lookAround();
}

function lookAround(): Place {
  const read = (look: () => string): string => {
    try {
      return look().trim();
    } catch {
      return "";
    }
  };
  return {
    host: read(() => Deno.hostname()),
    boot: read(() => Deno.readTextFileSync("/proc/sys/kernel/random/boot_id")),
    pid_namespace: read(() => Deno.readLinkSync("/proc/self/ns/pid")),
  };
}

/** True if both see the same processes under the same pids. */
export function isSamePlace(a: Place, b: Place): boolean {
  return isSameMachine(a, b) && a.pid_namespace === b.pid_namespace;
}

/** A start of a machine is like no other, whatever the machine is called by now. */
export function isSameMachine(a: Place, b: Place): boolean {
  return a.boot === b.boot && (a.boot !== "" || a.host === b.host);
}

/** True if the machine is the same and has been started since: then nothing of the process is left. */
export function isEarlierBoot(process: Place, now: Place): boolean {
  return process.host === now.host && process.boot !== "" && process.boot !== now.boot;
}
