import { ifThere } from "../machine/io.ts";

/** What differs when a file was written or replaced. */
export function marksOf(paths: readonly string[]): string {
  return paths.map((path) => {
    try {
      const stat = ifThere(() => Deno.statSync(path));
      return stat ? `${stat.ino} ${stat.size} ${stat.mtime?.getTime()}` : "";
    } catch {
      // What cannot be looked at just now may have changed: whoever reads it will see why not.
      return String(performance.now());
    }
  }).join();
}
