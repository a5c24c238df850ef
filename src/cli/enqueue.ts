import { reasonOf, usage } from "../model/errors.ts";
import { checkId } from "../model/fields.ts";
import type { NewJob } from "../model/job.ts";
import { absolutePath } from "../model/location.ts";
import { parseNewJob } from "../model/new_job.ts";
import type { Enqueued } from "../model/queue.ts";
import { enqueueOnly } from "../open_queue.ts";
import type { Context } from "./context.ts";
import { warnOfDirectories } from "./directories.ts";
import { readTimingFlags, readWorkFlags, type TimingFlags, type WorkFlags } from "./job_flags.ts";
import { printIds, printJson } from "./output.ts";

export interface EnqueueFlags extends WorkFlags, TimingFlags {
  readonly "file"?: string;
  readonly "commands"?: string;
  readonly "id"?: string;
  readonly "if-absent"?: boolean;
  readonly "json"?: boolean;
}

/** `enqueue`: jobs from exactly one source, with what the flags say of them. */
export default async function enqueue(
  this: Context,
  flags: EnqueueFlags,
  ...documents: string[]
): Promise<void> {
  const given = await readSource(this, flags, documents);
  if (given.length > 1 && flags.id !== undefined) {
    throw usage(`--id names one job, and ${given.length} are given`);
  }
  const fromFlags = {
    ...(flags.id === undefined ? {} : { id: checkId(flags.id) }),
    ...readWorkFlags(this, flags),
    ...readTimingFlags(this, flags),
  };
  if (fromFlags.depends_on?.length === 0) throw usage("--depends-on is empty");
  const here = this.cwd();
  const jobs = given.map((job): NewJob => {
    const cwd = absolutePath(job.cwd ?? here, () => here);
    const merged = { ...job, cwd, ...fromFlags };
    const env = { ...job.env, ...fromFlags.env };
    if (merged.command === undefined) {
      throw usage("a job has no command", `write {"command":"echo hi"}, or use --command`);
    }
    return { ...merged, command: merged.command, ...(Object.keys(env).length > 0 ? { env } : {}) };
  });
  warnOfDirectories(this, jobs);
  const how = { ifAbsent: flags["if-absent"] ?? false };
  printEnqueued(this, await enqueueOnly(this.location, this, jobs, how), flags.json);
}

/** Prints the ids of new jobs, and says so if a power cut could lose them. */
export function printEnqueued(
  { stdout, warn }: Context,
  { ids, confirmed }: Enqueued,
  json?: boolean,
): void {
  if (json) printJson(stdout, { ids });
  else printIds(stdout, ids.map((id) => ({ id })));
  if (!confirmed) {
    warn("recorded, not confirmed: the disk refused to sync; a power cut could lose it");
  }
}

/** The jobs that the one source gives, before the flags. */
async function readSource(
  context: Context,
  flags: EnqueueFlags,
  documents: readonly string[],
): Promise<readonly Partial<NewJob>[]> {
  const { afterDashes, typed } = context;
  const flag = documents.find((word) => /^-+[A-Za-z]/.test(word));
  if (flag !== undefined) {
    const { noSuchFlag } = await import("./parse_errors.ts");
    const { forgottenDashes } = await import("./forgotten_dashes.ts");
    throw noSuchFlag(flag, forgottenDashes(typed), ["enqueue"]);
  }
  const sources = [
    documents.length > 0 && "JSON",
    flags.command !== undefined && "--command",
    flags.file !== undefined && "--file",
    flags.commands !== undefined && "--commands",
    afterDashes !== undefined && "words behind --",
  ].filter((source) => source !== false);
  if (sources.length !== 1) {
    const { forgottenDashes } = await import("./forgotten_dashes.ts");
    const forgotten = afterDashes ? undefined : forgottenDashes(typed);
    throw usage(
      sources.length === 0
        ? "nothing to enqueue"
        : `jobs are given twice: by ${sources.join(" and by ")}`,
      forgotten ??
        "give a job as JSON, with --command, with --file, with --commands, or as words behind --",
    );
  }
  if (flags.file !== undefined) return await readFile(context, flags.file);
  if (flags.commands !== undefined) {
    const { parseCommands } = await import("./job_source.ts");
    const { text, name } = await readText(context, flags.commands);
    return parseCommands(text, name);
  }
  if (afterDashes !== undefined) {
    const { commandOfWords } = await import("./command_words.ts");
    return [{ command: commandOfWords(context, afterDashes, "enqueued") }];
  }
  if (flags.command !== undefined) return [{}];
  const { parseJson } = await import("./job_source.ts");
  return documents.flatMap((document) => {
    const parsed = parseJson(document);
    const items = Array.isArray(parsed) ? parsed : [parsed];
    if (items.length === 0) throw usage("the array is empty");
    return items.map((item) => parseNewJob(item, context.timeZone()));
  });
}

async function readFile(context: Context, file: string): Promise<readonly Partial<NewJob>[]> {
  const { text, name } = await readText(context, file);
  const { parseJobs } = await import("./job_source.ts");
  const { Progress } = await import("./progress.ts");
  const progress = new Progress(context.stderr, "reading jobs");
  try {
    return parseJobs(text, name, context.timeZone(), (done, total) => progress.show(done, total));
  } finally {
    progress.end();
  }
}

/** What stands in a file, and what it is called in errors. */
async function readText(
  { readStdin }: Context,
  file: string,
): Promise<{ readonly text: string; readonly name: string }> {
  const name = file === "-" ? "stdin" : file;
  return { text: decode(file === "-" ? await readStdin() : await readBytes(file), name), name };
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw usage(`${name} is no UTF-8`);
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : reasonOf(error);
    throw usage(`cannot read ${path}: ${reason}`);
  }
}
