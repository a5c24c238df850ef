/** The program in another place, where a test may damage it. */
import { ROOT } from "./cli.ts";
import { program } from "./run_program.ts";

/** Copies it into a directory; returns its entry. */
export async function copyProgram(directory: string): Promise<string> {
  const parts = ["main.ts", "deno.json", "deno.lock", "package.json", "src"];
  await program("cp", ["-R", ...parts.map((part) => `${ROOT}${part}`), directory]);
  return `${directory}/main.ts`;
}
