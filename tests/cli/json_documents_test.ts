/** Every document of `--json`, held against its description in the reference. */
import assert from "node:assert/strict";
import { queuectl, ROOT } from "../support/cli.ts";
import { add, FAILURE, runNext, START, SUCCESS, withQueue } from "../support/queue.ts";
import { withDirectory } from "../support/temporary.ts";

const REFERENCE = Deno.readTextFileSync(`${ROOT}docs/reference.md`);

interface Field {
  readonly types: readonly string[];
  readonly optional: boolean;
}

/** The fields of the document that a command prints, by their paths. */
function described(command: string): ReadonlyMap<string, Field> {
  const heading = new RegExp(`^#### .*\`${command} --json\`.*$`, "m").exec(REFERENCE);
  assert.ok(heading, `${command} is not described`);
  const rest = REFERENCE.slice(heading.index + heading[0].length);
  const text = rest.slice(0, rest.search(/^#/m));
  return new Map(
    [...text.matchAll(/^\| `(\S+)` +\| ([^|]+?) +\|/gm)].map(([, path, type]) => {
      const [types, ...more] = type!.split(", ");
      return [path!, { types: types!.split(" or "), optional: more.includes("optional") }];
    }),
  );
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "text";
  return typeof value;
}

/** Holds a value against the description, and notes which paths there were. */
function check(
  value: unknown,
  path: string,
  fields: ReadonlyMap<string, Field>,
  seen: Set<string>,
): void {
  if (path !== "") {
    const field = fields.get(path);
    assert.ok(field, `${path} is not described`);
    const type = typeOf(value);
    const allowed = field.types.includes("true") ? [...field.types, "boolean"] : field.types;
    assert.ok(allowed.includes(type), `${path} is ${type}, not ${field.types.join(" or ")}`);
    seen.add(path);
  }
  if (Array.isArray(value)) {
    for (const each of value) check(each, `${path}[]`, fields, seen);
  } else if (typeof value === "object" && value !== null) {
    const prefix = path === "" ? "" : `${path}.`;
    const isOpen = fields.has(`${prefix}*`);
    const isWhole = [...fields.keys()].some((known) => known.startsWith(prefix) && known !== path);
    if (!isWhole) return;
    for (const [name, each] of Object.entries(value)) {
      check(each, `${prefix}${isOpen ? "*" : name}`, fields, seen);
    }
    for (const [known, { optional }] of fields) {
      const rest = known.startsWith(prefix) ? known.slice(prefix.length) : "";
      if (/^\w+$/.test(rest) && !optional) assert.ok(rest in value, `${known} is missing`);
    }
  }
}

/** A queue in which everything has happened that a document can tell of. */
async function fill(directory: string): Promise<void> {
  await withQueue(directory, async (queue, { time }) => {
    await add(
      queue,
      { id: "done", command: "true", env: { A: "1" }, tags: ["x"], cwd: "/tmp", priority: 9 },
      { id: "bad", command: "false", max_retries: 0, priority: 8 },
      { id: "killed", command: "true", max_retries: 2, priority: 7 },
      { id: "runs", command: "true", priority: 6 },
      { id: "waits", command: "true", depends_on: ["done"], timeout_seconds: 5 },
    );
    const seat = await queue.join("worker-test");
    await runNext(seat, SUCCESS);
    await runNext(seat, FAILURE);
    await runNext(seat, { kind: "signalled", signal: "SIGKILL" });
    await seat.claim();
    time.advance(1);
    const job = { command: "true", env: { A: "1" }, tags: ["x"], cwd: "/tmp", priority: 1 };
    await queue.addSchedule({
      name: "s",
      cron: "@daily",
      time_zone: "UTC",
      missed: "once",
      job: { ...job, max_retries: 1, timeout_seconds: 5 },
    }, { replace: false });
  });
}

const DOCUMENTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "enqueue": [["enqueue", "--json", "--", "true"]],
  "list": [["list", "--json"], ["list", "--json", "--limit", "1"]],
  "dlq list": [["dlq", "list", "--json"]],
  "show": ["done", "bad", "killed", "runs", "waits"].map((id) => ["show", id, "--json"]),
  "status": [["status", "--json"]],
  "worker list": [["worker", "list", "--json"]],
  "metrics": [["metrics", "--json"]],
  "config list": [["config", "list", "--json"]],
  "wait": [["wait", "done", "runs", "--timeout", "0", "--json"]],
  "schedule list": [["schedule", "list", "--json"]],
  "doctor": [["doctor", "--json"]],
};

for (const [command, lines] of Object.entries(DOCUMENTS)) {
  Deno.test(`${command} --json prints what the reference describes`, async () => {
    await withDirectory(async (directory) => {
      await fill(directory);
      await Deno.writeTextFile(`${directory}/jobs.json.1-1-left.tmp`, "[");
      const fields = described(command);
      const seen = new Set<string>();
      for (const line of lines) {
        const { stdout } = await queuectl(directory, line, { now: START + 3_600_000 });
        assert.equal(stdout.split("\n").length, 2, "one document on one line");
        check(JSON.parse(stdout), "", fields, seen);
      }
      const missing = [...fields.keys()].filter((path) => !seen.has(path));
      assert.deepEqual(missing, [], "every described field has been seen");
    });
  });
}

Deno.test("an error with --json is one line on stderr with a sentence, a code and a hint", async () => {
  await withDirectory(async (directory) => {
    const cases: readonly (readonly [readonly string[], string, number])[] = [
      [["show", "nobody", "--json"], "not_found", 1],
      [["list", "--state", "ded", "--json"], "usage", 2],
      [["enqueue", "{", "--json"], "usage", 2],
    ];
    for (const [line, code, exitCode] of cases) {
      const result = await queuectl(directory, line);
      assert.equal(result.code, exitCode);
      assert.equal(result.stdout, "");
      const document = JSON.parse(result.stderr);
      assert.deepEqual(Object.keys(document), ["error", "code", "hint"]);
      assert.equal(document.code, code);
    }
  });
});
