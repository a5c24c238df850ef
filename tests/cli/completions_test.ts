import assert from "node:assert/strict";
import { queuectl } from "../support/cli.ts";
import { queuectlOnPath } from "../support/scripts.ts";
import { withDirectory } from "../support/temporary.ts";

/** What may stand in the place of the last word of a line. */
async function candidates(directory: string, line: string): Promise<readonly string[]> {
  const words = line.split(" ").slice(1);
  const { code, stdout } = await queuectl(directory, ["completions", "candidates", "--", ...words]);
  assert.equal(code, 0);
  return stdout.split("\n").slice(0, -1);
}

async function fill(directory: string): Promise<void> {
  for (const id of ["build:one", "build:two"]) {
    await queuectl(directory, ["enqueue", "--id", id, "--tag", "nightly", "--", "true"]);
  }
  await queuectl(directory, ["schedule", "add", "backup", "--cron", "@daily", "--", "true"]);
}

Deno.test("commands, flags, states, settings, ids, tags and schedules are offered", async () => {
  await withDirectory(async (directory) => {
    await fill(directory);
    const expected: Readonly<Record<string, readonly string[]>> = {
      "queuectl can": ["cancel"],
      "queuectl worker st": ["start", "stop"],
      "queuectl help worker st": ["start", "stop"],
      "queuectl --data-dir /x worker st": ["start", "stop"],
      "queuectl enqueue --pri": ["--priority"],
      "queuectl worker start --in": [],
      "queuectl list --data": ["--data-dir"],
      "queuectl list --state p": ["pending", "processing"],
      "queuectl list --state=comp": ["--state=completed"],
      "queuectl list --state dead,f": ["dead,failed"],
      "queuectl list --tag n": ["nightly"],
      "queuectl cancel build:t": ["build:two"],
      "queuectl cancel build:one build:t": ["build:two"],
      "queuectl show build": ["build:two", "build:one"],
      "queuectl show build:one ": [],
      "queuectl config get max_r": ["max_retries", "max_retries_default"],
      "queuectl config set max_retries ": [],
      "queuectl schedule remove b": ["backup"],
      "queuectl schedule add x --missed s": ["skip"],
      "queuectl schedule add x --time-zone Europe/Berl": ["Europe/Berlin"],
      "queuectl completions z": ["zsh"],
      "queuectl enqueue -- e": [],
    };
    for (const [line, words] of Object.entries(expected)) {
      assert.deepEqual(await candidates(directory, line), words, line);
    }
  });
});

Deno.test("what is offered is of the queue that the line names", async () => {
  await withDirectory(async (directory) => {
    const other = `${directory}/other`;
    await fill(directory);
    await queuectl(other, ["enqueue", "--id", "elsewhere", "--", "true"]);
    for (
      const line of [
        `queuectl --data-dir ${other} show `,
        `queuectl --data-dir=${other} show `,
        `queuectl show --data-dir ${other} `,
      ]
    ) {
      assert.deepEqual(await candidates(directory, line), ["elsewhere"], line);
    }
  });
});

Deno.test("a command is offered the jobs that it can do something about", async () => {
  await withDirectory(async (directory) => {
    await fill(directory);
    await queuectl(directory, ["cancel", "build:one"]);
    assert.deepEqual(await candidates(directory, "queuectl cancel "), ["build:two"]);
    assert.deepEqual(await candidates(directory, "queuectl retry "), ["build:one"]);
    assert.deepEqual(await candidates(directory, "queuectl dlq retry "), []);
    const all = ["build:two", "build:one"];
    assert.deepEqual(await candidates(directory, "queuectl enqueue --depends-on "), all);
  });
});

Deno.test("described, each candidate has what it stands for behind a tab, on one line", async () => {
  await withDirectory(async (directory) => {
    await queuectl(directory, ["enqueue", "--id", "two", "--command", "echo a\necho\tb"]);
    const ask = async (...line: string[]): Promise<string> =>
      (await queuectl(directory, ["completions", "described", "--", ...line])).stdout;
    assert.equal(await ask("cancel", ""), "two\tpending: echo a\\necho\\tb\n");
    assert.match(await ask("res"), /^resume\t.+\nreset\tEmpty the queue.*\n$/);
    assert.match(await ask("cancel", "--sta"), /^--state\tAll jobs in this state.*\n$/);
    assert.equal(await ask("list", "--state", "d"), "dead\n");
  });
});

Deno.test("a damaged queue offers no ids, and no error in the middle of a line", async () => {
  await withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/jobs.json`, "{");
    assert.deepEqual(await candidates(directory, "queuectl cancel "), []);
  });
});

Deno.test("a shell without completions is refused", async () => {
  await withDirectory(async (directory) => {
    const { code, stderr } = await queuectl(directory, ["completions", "tcsh"]);
    assert.equal(code, 2);
    assert.match(stderr, /for bash, zsh, fish/);
  });
});

/** How each shell is made to complete lines, each answered by one line of words. */
const SHELLS: Readonly<Record<string, string>> = {
  bash: `source <(queuectl completions bash)
complete_line() {
  COMP_LINE="$1" COMP_POINT=\${#1} COMP_WORDBREAKS=$' \\t\\n"><=;|&(:'
  _queuectl
  echo "\${COMPREPLY[@]}"
}`,
  zsh: `autoload -Uz compinit; compinit -D -u
compadd() { shift $(( \${@[(i)--]} )); echo "$@" }
source <(queuectl completions zsh)
complete_line() { words=("\${(@s: :)1}"); CURRENT=$#words; _queuectl }`,
  fish: `queuectl completions fish | source
function complete_line; complete -C $argv[1] | string replace -r "\\t.*" "" | string join " "; end`,
};

function isInstalled(shell: string): boolean {
  try {
    return new Deno.Command(shell, { args: ["-c", "true"] }).outputSync().success;
  } catch {
    return false;
  }
}

for (const [shell, setUp] of Object.entries(SHELLS)) {
  const installed = isInstalled(shell);
  const name = `${shell} completes a line with the script`;
  Deno.test({
    name: installed ? name : `${name} (skipped: there is no ${shell} here)`,
    ignore: !installed,
    fn: async () => {
      await withDirectory(async (directory) => {
        await fill(directory);
        const env = await queuectlOnPath(directory, directory);
        const script = `${setUp}
complete_line "queuectl can"
complete_line "queuectl cancel build:t"
complete_line "queuectl list --state dead,f"
`;
        const { stdout, stderr } = await new Deno.Command(shell, {
          args: shell === "fish" ? ["--no-config", "-c", script] : ["-c", script],
          env: { ...env, HOME: directory },
        }).output();
        const said = new TextDecoder().decode(stdout).trim().split("\n");
        // bash has its own beginning of the word up to the colon.
        const id = shell === "bash" ? "two" : "build:two";
        assert.deepEqual(said, ["cancel", id, "dead,failed"], new TextDecoder().decode(stderr));
      });
    },
  });
}
