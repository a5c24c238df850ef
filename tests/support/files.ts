/** Every file in a directory and what is in it, to see whether anything changed. */
export function contents(directory: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const entry of Deno.readDirSync(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) visit(path);
      else found[path.slice(directory.length + 1)] = Deno.readTextFileSync(path);
    }
  };
  try {
    visit(directory);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found;
}

/** What `jobs.json` or `dlq.json` holds. */
export function readJobs(path: string): readonly Record<string, unknown>[] {
  return JSON.parse(Deno.readTextFileSync(path));
}
