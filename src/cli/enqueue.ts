import { usage } from "../model/errors.ts";
import {
  checkCommand,
  checkCwd,
  checkDependsOn,
  checkEnv,
  checkId,
  checkRunAt,
  checkTags,
  checkTimeout,
  parseNewJob,
} from "../model/fields.ts";
import type { NewJob } from "../model/job.ts";
import type { Context } from "./context.ts";
import { parseJobs, parseJson } from "./job_source.ts";
import { printJson } from "./output.ts";
import { quoteWords } from "./quote.ts";

export interface EnqueueFlags {
  readonly "command"?: string;
  readonly "file"?: string;
  readonly "id"?: string;
  readonly "max-retries"?: number;
  readonly "priority"?: number;
  readonly "delay"?: number;
  readonly "run-at"?: string;
  readonly "timeout"?: number;
  readonly "depends-on"?: readonly (readonly string[])[];
  readonly "cwd"?: string;
  readonly "env"?: readonly (readonly [string, string])[];
  readonly "tag"?: readonly (readonly string[])[];
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
  const fromFlags = readFlags(this, flags);
  const jobs = given.map((job): NewJob => {
    const merged = { cwd: this.cwd(), ...job, ...fromFlags };
    const env = { ...job.env, ...fromFlags.env };
    if (merged.command === undefined) {
      throw usage("a job has no command", `write {"command":"echo hi"}, or use --command`);
    }
    return { ...merged, command: merged.command, ...(Object.keys(env).length > 0 ? { env } : {}) };
  });
  await this.withQueue(async (queue) => {
    const { ids, confirmed } = await queue.enqueue(jobs, {
      ifAbsent: flags["if-absent"] ?? false,
    });
    if (flags.json) printJson(this.stdout, { ids });
    else this.stdout.write(ids.map((id) => `${id}\n`).join(""));
    if (!confirmed) {
      this.warn("recorded, not confirmed: the disk refused to sync; a power cut could lose it");
    }
  });
}

/** The jobs that the one source gives, before the flags. */
async function readSource(
  context: Context,
  flags: EnqueueFlags,
  documents: readonly string[],
): Promise<readonly Partial<NewJob>[]> {
  const { afterDashes } = context;
  const sources = [
    documents.length > 0 && "JSON",
    flags.command !== undefined && "--command",
    flags.file !== undefined && "--file",
    afterDashes !== undefined && "words behind --",
  ].filter((source) => source !== false);
  if (sources.length !== 1) {
    throw usage(
      sources.length === 0
        ? "nothing to enqueue"
        : `jobs are given twice: by ${sources.join(" and by ")}`,
      "give a job as JSON, with --command, with --file, or as words behind --",
    );
  }
  if (flags.file !== undefined) return await readFile(context, flags.file);
  if (afterDashes !== undefined) {
    if (afterDashes.length === 0) throw usage("there is no command behind --");
    return [{ command: checkCommand(quoteWords(afterDashes)) }];
  }
  if (flags.command !== undefined) return [{}];
  return documents.flatMap((document) => {
    const parsed = parseJson(document);
    const items = Array.isArray(parsed) ? parsed : [parsed];
    if (items.length === 0) throw usage("the array is empty");
    return items.map((item) => parseNewJob(item, context.timeZone()));
  });
}

async function readFile(context: Context, file: string): Promise<readonly Partial<NewJob>[]> {
  const text = file === "-" ? await context.readStdin() : await readTextFile(file);
  const name = file === "-" ? "stdin" : file;
  return parseJobs(text, name, context.timeZone());
}

async function readTextFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : error instanceof Error
      ? error.message.replace(/ \(os error \d+\).*$/, "")
      : String(error);
    throw usage(`cannot read ${path}: ${reason}`);
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function readFlags(context: Context, flags: EnqueueFlags): Partial<NewJob> {
  const job: Writable<Partial<NewJob>> = {};
  if (flags.command !== undefined) job.command = checkCommand(flags.command);
  if (flags.id !== undefined) job.id = checkId(flags.id);
  if (flags["max-retries"] !== undefined) job.max_retries = flags["max-retries"];
  if (flags.priority !== undefined) job.priority = flags.priority;
  if (flags.timeout !== undefined) job.timeout_seconds = checkTimeout(flags.timeout);
  if (flags["depends-on"]) job.depends_on = checkDependsOn(flags["depends-on"].flat());
  if (flags.cwd !== undefined) job.cwd = absolute(checkCwd(flags.cwd), context.cwd());
  if (flags.env) job.env = checkEnv(Object.fromEntries(flags.env));
  if (flags.tag) job.tags = checkTags(flags.tag.flat());
  if (flags.delay !== undefined && flags["run-at"] !== undefined) {
    throw usage("--delay and --run-at exclude each other");
  }
  if (flags.delay !== undefined) {
    job.run_at = new Date(context.clock() + flags.delay * 1000).toISOString();
  }
  if (flags["run-at"] !== undefined) job.run_at = checkRunAt(flags["run-at"], context.timeZone());
  return job;
}

function absolute(path: string, cwd: string): string {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) ? path : `${cwd}/${path}`;
}
