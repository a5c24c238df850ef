import assert from "node:assert/strict";
import { contents } from "../support/files.ts";
import { queuectl } from "../support/cli.ts";
import { withDirectory } from "../support/temporary.ts";

/** Command lines that cannot be, by the exit code that they end with. */
const USAGE: readonly (readonly string[])[] = [
  ["nonsense"],
  ["enque"],
  ["lst"],
  ["constructor"],
  ["__proto__"],
  ["worker", "begin"],
  ["worker", "start", "extra"],
  ["list", "extra"],
  ["list", "--constructor", "3"],
  ["list", "--stat", "dead"],
  ["list", "--state"],
  ["list", "--state", "done"],
  ["list", "--state", "dead,done"],
  ["list", "--state", ""],
  ["list", "--limit", "0"],
  ["list", "--limit", "many"],
  ["list", "--limit", "1.5"],
  ["list", "--limit", "-1"],
  ["list", "--limit", "1", "--limit", "2"],
  ["list", "--json=perhaps"],
  ["list", "-z"],
  ["--data-dir"],
  ["list", "--data-dir"],
  ["list", "--store", "redish://x"],
  ["enqueue"],
  ["enqueue", "--"],
  ["enqueue", "{"],
  ["enqueue", '\'{"command":"x"}\''],
  ["enqueue", "{command:echo}"],
  ["enqueue", "{}"],
  ["enqueue", "[]"],
  ["enqueue", "5"],
  ["enqueue", "null"],
  ["enqueue", '"echo"'],
  ["enqueue", '{"command":""}'],
  ["enqueue", '{"command":"   "}'],
  ["enqueue", '{"command":5}'],
  ["enqueue", '{"command":null}'],
  ["enqueue", '{"command":["a"]}'],
  ["enqueue", '{"command":"a\\u0000b"}'],
  ["enqueue", '{"id":"x"}'],
  ["enqueue", '{"id":"","command":"x"}'],
  ["enqueue", '{"id":"../../x","command":"x"}'],
  ["enqueue", '{"id":"/etc/passwd","command":"x"}'],
  ["enqueue", '{"id":".","command":"x"}'],
  ["enqueue", '{"id":"..","command":"x"}'],
  ["enqueue", '{"id":".hidden","command":"x"}'],
  ["enqueue", '{"id":"-x","command":"x"}'],
  ["enqueue", '{"id":"a b","command":"x"}'],
  ["enqueue", '{"id":"a\\nb","command":"x"}'],
  ["enqueue", '{"id":"a/b","command":"x"}'],
  ["enqueue", '{"id":"a\\\\b","command":"x"}'],
  ["enqueue", '{"id":"ä","command":"x"}'],
  ["enqueue", '{"id":"💥","command":"x"}'],
  ["enqueue", '{"id":5,"command":"x"}'],
  ["enqueue", '{"id":null,"command":"x"}'],
  ["enqueue", `{"id":"${"x".repeat(129)}","command":"x"}`],
  ["enqueue", '{"command":"x","max_retries":-1}'],
  ["enqueue", '{"command":"x","max_retries":1.5}'],
  ["enqueue", '{"command":"x","max_retries":"3"}'],
  ["enqueue", '{"command":"x","max_retries":1e99}'],
  ["enqueue", '{"command":"x","max_retries":null}'],
  ["enqueue", '{"command":"x","priority":"high"}'],
  ["enqueue", '{"command":"x","priority":0.5}'],
  ["enqueue", '{"command":"x","run_at":"soon"}'],
  ["enqueue", '{"command":"x","run_at":"2030-02-31"}'],
  ["enqueue", '{"command":"x","run_at":true}'],
  ["enqueue", '{"command":"x","run_at":1e300}'],
  ["enqueue", '{"command":"x","timeout_seconds":-1}'],
  ["enqueue", '{"command":"x","timeout_seconds":"long"}'],
  ["enqueue", '{"command":"x","timeout_seconds":true}'],
  ["enqueue", '{"command":"x","depends_on":5}'],
  ["enqueue", '{"command":"x","depends_on":["a b"]}'],
  ["enqueue", '{"command":"x","depends_on":{"a":1}}'],
  ["enqueue", '{"command":"x","cwd":""}'],
  ["enqueue", '{"command":"x","cwd":5}'],
  ["enqueue", '{"command":"x","env":"A=1"}'],
  ["enqueue", '{"command":"x","env":{"A-B":"1"}}'],
  ["enqueue", '{"command":"x","env":{"A":1}}'],
  ["enqueue", '{"command":"x","env":["A"]}'],
  ["enqueue", '{"command":"x","env":{"QUEUECTL_RUN":"1"}}'],
  ["enqueue", '{"command":"x","tags":["a b"]}'],
  ["enqueue", '{"command":"x","tags":[""]}'],
  ["enqueue", '{"command":"x","tags":5}'],
  ["enqueue", '{"command":"x","state":"completed"}'],
  ["enqueue", '{"command":"x","state":null}'],
  ["enqueue", '{"command":"x","attempts":1}'],
  ["enqueue", '{"command":"x","attempts":"0"}'],
  ["enqueue", '{"command":"x","comand":"y"}'],
  ["enqueue", '{"command":"x","worker":"w"}'],
  ["enqueue", '{"command":"x","history":[]}'],
  ["enqueue", '{"command":"x","exit_code":0}'],
  ["enqueue", '{"command":"x","__proto__":{"a":1}}'],
  ["enqueue", '{"command":"x","constructor":1}'],
  ["enqueue", '{"command":"x"}{"command":"y"}'],
  ["enqueue", '{"command":"x"}', "nonsense"],
  ["enqueue", "echo", "hi"],
  ["enqueue", "--command"],
  ["enqueue", "--command="],
  ["enqueue", "--command", ""],
  ["enqueue", "--command", "x", '{"command":"y"}'],
  ["enqueue", "--command", "x", "--command", "y"],
  ["enqueue", "--command", "x", "--file", "f"],
  ["enqueue", "--command", "x", "--", "y"],
  ["enqueue", '{"command":"x"}', "--", "y"],
  ["enqueue", "--file", "f", "--", "y"],
  ["enqueue", "--command", "x", "--id", "../x"],
  ["enqueue", "--command", "x", "--id", ""],
  ["enqueue", "--command", "x", "--id", "a", "--id", "b"],
  ["enqueue", "--command", "x", "--max-retries", "-1"],
  ["enqueue", "--command", "x", "--max-retries", "x"],
  ["enqueue", "--command", "x", "--max-retries", ""],
  ["enqueue", "--command", "x", "--max-retries", "1.5"],
  ["enqueue", "--command", "x", "--max-retries", "0x10"],
  ["enqueue", "--command", "x", "--max-retrys", "1"],
  ["enqueue", "--command", "x", "--priority", "high"],
  ["enqueue", "--command", "x", "--priority", "1e3"],
  ["enqueue", "--command", "x", "-p"],
  ["enqueue", "--command", "x", "--delay", "soon"],
  ["enqueue", "--command", "x", "--delay", "-1"],
  ["enqueue", "--command", "x", "--delay", ""],
  ["enqueue", "--command", "x", "--delay", "1y"],
  ["enqueue", "--command", "x", "--delay", "1h", "--run-at", "2030-01-01"],
  ["enqueue", "--command", "x", "--run-at", "2030-02-30"],
  ["enqueue", "--command", "x", "--run-at", "25:00"],
  ["enqueue", "--command", "x", "--run-at", ""],
  ["enqueue", "--command", "x", "--timeout", "-5"],
  ["enqueue", "--command", "x", "--timeout", "never"],
  ["enqueue", "--command", "x", "--delay", "99999999w"],
  ["enqueue", "--command", "x", "--depends-on", ""],
  ["enqueue", "--", ""],
  ["prune", "--tag", ""],
  ["prune", "--tag", "x", "--tag", ","],
  ["list", "--tag", ""],
  ["worker", "stop", "--id", ""],
  ["enqueue", "--command", "x", "--depends-on", "a b"],
  ["enqueue", "--command", "x", "--depends-on", "../a"],
  ["enqueue", "--command", "x", "--cwd", ""],
  ["enqueue", "--command", "x", "--env", "A"],
  ["enqueue", "--command", "x", "--env", "=1"],
  ["enqueue", "--command", "x", "--env", "A B=1"],
  ["enqueue", "--command", "x", "--env", "QUEUECTL_RUN=1"],
  ["enqueue", "--command", "x", "--tag", "a b"],
  ["enqueue", "--command", "x", "--if-absent=maybe"],
  ["enqueue", "--command", "x", "--no-json"],
  ["enqueue", "--command", "x", "--unknown"],
  ["enqueue", "--command", "x", "-q"],
  ["enqueue", "--file"],
  ["enqueue", "--file", "/there/is/no/such/file"],
  ["enqueue", "--file", "/"],
  ["enqueue", "--file", "f", "--commands", "f"],
  ["enqueue", "--commands", "/there/is/no/such/file"],
  ["enqueue", "--commands", "f", "--", "x"],
  ["enqueue", "--id", "a", '{"command":"x"}', '{"command":"y"}'],
  ["enqueue", '{"id":"a","command":"x","depends_on":["a"]}'],
  [
    "enqueue",
    '{"id":"a","command":"x","depends_on":["b"]}',
    '{"id":"b","command":"x","depends_on":["a"]}',
  ],
  ["show", "a", "b"],
  ["show", "a", "--all"],
  ["logs", "kept", "--attempt", "0"],
  ["logs", "kept", "--attempt", "last"],
  ["logs", "kept", "--lines", "-1"],
  ["logs", "kept", "--lines", "all"],
  ["wait", "--timeout", "soon"],
  ["wait", "--timeout", "-1"],
  ["retry"],
  ["retry", "--all", "x"],
  ["worker", "start", "--count", "0"],
  ["worker", "start", "--count", "-1"],
  ["worker", "start", "--count", "two"],
  ["worker", "start", "--count", "1000"],
  ["worker", "start", "-n"],
  ["worker", "start", "--log-format", "xml"],
  ["worker", "start", "--counts", "2"],
  ["worker", "stop", "--timeout", "x"],
  ["worker", "stop", "all"],
  ["worker", "list", "x"],
  ["dlq", "list", "--limit", "0"],
  ["dlq", "retry"],
  ["dlq", "retry", "--all", "kept"],
  ["dlq", "retry", "--every"],
  ["config", "get"],
  ["config", "get", "max_retrys"],
  ["config", "get", "toString"],
  ["config", "get", ""],
  ["config", "set", "max_retries"],
  ["config", "set", "max_retries", "1", "2"],
  ["config", "set", "colour", "red"],
  ["config", "set", "max_retries", "-1"],
  ["config", "set", "max_retries", "x"],
  ["config", "set", "max_retries", ""],
  ["config", "set", "max_retries", "2.5"],
  ["config", "set", "backoff_base", "-0.5"],
  ["config", "set", "backoff_base", "NaN"],
  ["config", "set", "backoff_base", "Infinity"],
  ["config", "set", "backoff_jitter", "1.1"],
  ["config", "set", "poll_interval_ms", "0"],
  ["config", "set", "poll_interval", "0.001"],
  ["config", "set", "lease_seconds", "0"],
  ["config", "set", "log_limit_bytes", "1"],
  ["config", "set", "job_timeout", "-1"],
  ["config", "set", "backoff_max_seconds", "forever"],
  ["config", "unset"],
  ["config", "unset", "colour"],
  ["config", "lst"],
  ["checkpoint", "now"],
  ["help", "nonsense"],
];

/** What cannot be done, for other reasons than how it is said. */
const FAILED: readonly (readonly string[])[] = [
  ["show"],
  ["logs"],
  ["show", "nobody"],
  ["show", ""],
  ["show", "../../etc/passwd"],
  ["logs", "nobody"],
  ["logs", "kept", "--attempt", "7"],
  ["wait", "nobody"],
  ["wait", "kept", "nobody"],
  ["retry", "nobody"],
  ["retry", "kept"],
  ["retry", "kept", "nobody"],
  ["dlq", "retry", "nobody"],
  ["dlq", "retry", "kept"],
  ["enqueue", '{"id":"kept","command":"x"}'],
  ["enqueue", "--id", "kept", "--command", "x"],
  ["enqueue", '{"id":"new","command":"x"}', '{"id":"new","command":"y"}'],
  ["enqueue", '{"id":"new","command":"x"}', '{"id":"kept","command":"y"}'],
  ["enqueue", "--command", "x", "--depends-on", "nobody"],
  ["worker", "stop", "--id", "nobody"],
  ["worker", "stop", "--id", "../kept"],
];

/** Texts for `enqueue --file -` that cannot be. */
const STDIN: readonly string[] = [
  "",
  "   \n\n",
  "[]",
  "[",
  "[{}]",
  '[{"command":"x"},]',
  '[{"command":"x"},5]',
  '{"command":"x"}\n{"command":}',
  '{"command":"x"}\n{"comand":"y"}',
  '{"command":"x"}\nnonsense',
  '{"command":"x"}\n{"command":"y","id":"a/b"}',
  '{"id":"a","command":"x"}\n{"id":"kept","command":"y"}',
  '{"id":"a","command":"x"}\n{"id":"a","command":"y"}',
  "\0\0\0",
  '{"command":"x"',
];

async function refuse(
  args: readonly string[],
  codes: readonly number[],
  stdin: string,
): Promise<void> {
  await withDirectory(async (directory) => {
    const made = await queuectl(directory, ["enqueue", "--id", "kept", "--command", "true"]);
    assert.equal(made.code, 0, made.stderr);
    const before = contents(directory);
    const { code, stdout, stderr } = await queuectl(directory, args, { stdin });
    const said = `${JSON.stringify(args)} ended with ${code}: ${stderr}`;
    assert.ok(codes.includes(code), said);
    assert.equal(stdout, "", said);
    const [sentence, hint, more] = stderr.trimEnd().split("\n");
    assert.match(sentence!, /^queuectl: \S/, said);
    assert.equal(hint === undefined || hint.startsWith("  "), true, said);
    assert.equal(more, undefined, said);
    assert.doesNotMatch(stderr, /\bat .*\.ts|Error:|fault of queuectl/, said);
    assert.deepEqual(contents(directory), before, said);
  });
}

Deno.test("wrong usage ends with 2, one sentence, perhaps a hint, and changes no file", async () => {
  for (const args of USAGE) await refuse(args, [2], "");
});

Deno.test("what cannot be done ends with 1, one sentence, and changes no file", async () => {
  for (const args of FAILED) await refuse(args, [1], "");
});

Deno.test("one bad job in a file refuses the whole file", async () => {
  for (const stdin of STDIN) await refuse(["enqueue", "--file", "-"], [1, 2], stdin);
});

Deno.test("the corpus has at least 200 bad inputs", () => {
  assert.ok(USAGE.length + FAILED.length + STDIN.length >= 200);
});

Deno.test("a bad job in a file is named by its line", async () => {
  await withDirectory(async (directory) => {
    const stdin = '{"command":"a"}\n\n{"command":"b"}\n{"comand":"c"}\n';
    const { stderr } = await queuectl(directory, ["enqueue", "--file", "-"], { stdin });
    assert.match(stderr, /stdin, line 4: unknown field 'comand'\n {2}did you mean command\?/);
    const array = '[{"command":"a"},{"command":7}]';
    const second = await queuectl(directory, ["enqueue", "--file", "-"], { stdin: array });
    assert.match(second.stderr, /stdin, item 2: command must be a text/);
  });
});

Deno.test("unknown words get a did-you-mean", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["enque"], /did you mean enqueue\?/],
    [["list", "--stat", "x"], /did you mean --state\?/],
    [["list", "--state", "complete"], /did you mean completed\?/],
    [["config", "set", "max_retrys", "1"], /did you mean max_retries\?/],
    [["enqueue", '{"command":"x","timeout":5}'], /did you mean timeout_seconds\?/],
  ];
  await withDirectory(async (directory) => {
    for (const [args, hint] of cases) {
      assert.match((await queuectl(directory, args)).stderr, hint, args.join(" "));
    }
  });
});

Deno.test("with --json an error is one line of JSON on stderr", async () => {
  await withDirectory(async (directory) => {
    const { stderr, code } = await queuectl(directory, ["show", "nobody", "--json"]);
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stderr), {
      error: "no job 'nobody'",
      code: "not_found",
      hint: "`queuectl list` shows the jobs there are",
    });
    const usage = await queuectl(directory, ["list", "--json", "--nonsense"]);
    assert.equal(JSON.parse(usage.stderr).code, "usage");
  });
});
