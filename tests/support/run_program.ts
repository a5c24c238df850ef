/** Runs a program to its end, which must be a good one; returns what it printed. */
export async function program(
  path: string,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "uid" | "gid" | "signal"> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: [...args],
    cwd: "/",
    stdin: "null",
    ...options,
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`${path} ended with ${code}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
