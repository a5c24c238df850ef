/** Jobs from text: one JSON object, an array of them, JSON Lines, or plain commands. */
import { QueueError, usage } from "../model/errors.ts";
import { checkCommand } from "../model/fields.ts";
import { describeSyntaxError } from "../model/json_faults.ts";
import type { NewJob } from "../model/job.ts";
import { parseNewJob } from "../model/new_job.ts";
import { isPlain } from "./forgotten_dashes.ts";
import { shorten } from "../model/text.ts";

/** How much of a word that is no JSON an error repeats, in characters. */
const MOST_SHOWN = 60;

/**
 * Reads a word of the command line that should be a job as JSON.
 *
 * @throws {QueueError} `usage`, with a hint where a shell has eaten the quotes
 */
export function parseJson(word: string): unknown {
  try {
    return JSON.parse(word);
  } catch (error) {
    // A shell takes quotes and brackets away, and parts what stands between commas.
    const quotesLost = /^('|\{\s*[\w$]|(id|command|priority|max_retries|run_at|tags|env):)/.test(
      word,
    );
    const isCommand = !/^[\s'"{[]/.test(word);
    const { what } = describeSyntaxError(word, error);
    throw usage(
      `${quotesLost || isCommand ? "this is no JSON" : what}: ${shorten(word, MOST_SHOWN)}`,
      quotesLost
        ? "the shell has taken the quotes away: use --command, or --file - and give the JSON on stdin"
        : isCommand
        ? "a plain command stands behind --, as in `queuectl enqueue -- echo hi`, or in --command 'echo hi'"
        : `a job looks like {"id":"job1","command":"echo hi"}`,
    );
  }
}

/**
 * Reads all jobs in a text.
 *
 * @param name what the text is called in errors
 * @param onProgress told before each job
 * @throws {QueueError} `usage`, naming the line of the first bad job
 */
export function parseJobs(
  given: string,
  name: string,
  timeZone: string,
  onProgress: (done: number, total: number) => void,
): readonly Partial<NewJob>[] {
  const text = bare(given, name);
  const whole = parseWhole(text);
  if ("value" in whole) {
    const { value } = whole;
    const items = Array.isArray(value) ? value : [value];
    if (items.length === 0) throw usage(`${name}: the array is empty`);
    return items.map((item, index) => {
      onProgress(index, items.length);
      const place = Array.isArray(value) ? `item ${index + 1}` : "line 1";
      return at(`${name}, ${place}`, () => parseNewJob(item, timeZone));
    });
  }
  if (isOneDocument(text)) {
    const { line, what } = describeSyntaxError(text, whole.fault);
    throw usage(`${name}, line ${line}: ${what}`);
  }
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    onProgress(index, lines.length);
    if (line.trim() === "") return [];
    return [at(`${name}, line ${index + 1}`, () => parseNewJob(parseLine(line), timeZone))];
  });
}

/** The text that matters: editors on Windows begin a file with a byte order mark. */
function bare(given: string, name: string): string {
  const text = given.replace(/^\uFEFF/, "");
  if (text.trim() === "") throw usage(`${name}: there is nothing in it`);
  return text;
}

/**
 * Reads a text with a command for the shell on each line; lines that are empty or begin with `#` are none.
 *
 * @param name what the text is called in errors
 * @throws {QueueError} `usage`, naming the line of the first bad command, or where there is none
 */
export function parseCommands(given: string, name: string): readonly Partial<NewJob>[] {
  const jobs = bare(given, name).split("\n").flatMap((line, index) => {
    const command = line.trim();
    if (command === "" || command.startsWith("#")) return [];
    return [at(`${name}, line ${index + 1}`, () => ({ command: checkCommand(command) }))];
  });
  if (jobs.length === 0) throw usage(`${name}: there is no command in it`);
  return jobs;
}

/** True for what looks like an array, or one object over several lines: of JSON Lines each line begins one. */
function isOneDocument(text: string): boolean {
  return /^\s*(\[|\{[^\n]*\n\s*[^{\s])/.test(text);
}

/** The text as one JSON document, or why it is none. */
function parseWhole(text: string): { readonly value: unknown } | { readonly fault: unknown } {
  try {
    return { value: JSON.parse(text) };
  } catch (fault) {
    return { fault };
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    const hint = isPlain(line) ? "--commands reads plain commands, one a line" : undefined;
    throw usage(describeSyntaxError(line, error).what, hint);
  }
}

/** Says in the error where it was. */
function at<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof QueueError)) throw error;
    throw new QueueError(error.code, `${place}: ${error.message}`, error.hint, error.mistaken);
  }
}
