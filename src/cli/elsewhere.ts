/** What other queues call it: hints for who has the words of another one in the fingers. */

/** Commands, and what they are called here. */
export const COMMANDS: Readonly<Record<string, string>> = {
  add: "enqueue",
  submit: "enqueue",
  push: "enqueue",
  ls: "list",
  ps: "list",
  kill: "cancel",
  stop: "worker stop",
  start: "worker start",
  work: "worker start",
  parallel: "worker start --count",
  workers: "worker list",
  run: "enqueue --",
  exec: "enqueue --",
  hold: "edit --run-at",
  stash: "edit --run-at",
  urgent: "edit --priority",
  priority: "edit --priority",
  unpause: "resume",
  jobs: "list",
  history: "list",
  queue: "list",
  abort: "cancel",
  requeue: "retry",
  cat: "logs",
  output: "logs",
  watch: "status --watch",
  top: "status --watch",
  set: "config set",
  get: "config get",
  rm: "delete",
  remove: "delete",
  clean: "prune",
  clear: "prune",
  restart: "retry",
  tail: "logs --follow",
  follow: "logs --follow",
  log: "logs",
  info: "show",
  stats: "metrics",
  dashboard: "web",
  cron: "schedule",
};

/** And inside of a group of commands. */
export const COMMANDS_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dlq: {
    ls: "dlq list",
    rm: "dlq delete",
    remove: "dlq delete",
    clean: "dlq purge",
    clear: "dlq purge",
    restart: "dlq retry",
    show: "show",
    logs: "logs",
  },
  schedule: {
    ls: "schedule list",
    rm: "schedule remove",
    delete: "schedule remove",
    trigger: "schedule run",
  },
  worker: {
    show: "worker list",
    status: "worker list",
    ls: "worker list",
    ps: "worker list",
    kill: "worker stop --force",
    log: "worker logs",
    run: "worker start",
    work: "worker start",
  },
  config: { ls: "config list", rm: "config unset", remove: "config unset", delete: "config unset" },
};

/** How a job is described. */
const OF_A_JOB: Readonly<Record<string, string>> = {
  after: "--depends-on",
  needs: "--depends-on",
  label: "--tag",
  group: "--tag",
  at: "--run-at",
  dir: "--cwd",
  workdir: "--cwd",
  "working-directory": "--cwd",
  retries: "--max-retries",
};

/** Flags of commands, without their dashes, and what they are called here. */
const FLAGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "worker start": {
    j: "--count",
    p: "--count",
    jobs: "--count",
    parallel: "--count",
    workers: "--count",
    concurrency: "--count",
    d: "--detach",
    daemon: "--detach",
    background: "--detach",
  },
  enqueue: {
    ...OF_A_JOB,
    j: "`queuectl worker start --count`",
    name: "--id",
    stashed: "--run-at",
  },
  edit: OF_A_JOB,
  "schedule add": {
    ...OF_A_JOB,
    tz: "--time-zone",
    timezone: "--time-zone",
    zone: "--time-zone",
    every: "--cron",
  },
  logs: { tail: "--lines", last: "`queuectl logs` without an id" },
  "worker logs": { tail: "--lines" },
  list: {
    all: "`queuectl list --limit N`, which lists every state",
    pending: "--state pending",
    failed: "--state failed",
    dead: "--state dead",
    running: "--state processing",
  },
  retry: { command: "`queuectl edit`, and then retry it" },
  "dlq delete": { all: "`queuectl dlq purge`" },
  "dlq list": { tag: "`queuectl list --state dead --tag`" },
  "dlq retry": { tag: "`queuectl retry --state dead --tag`" },
};

/**
 * What a flag of another queue is called here, for people; undefined if nobody knows.
 *
 * @param command the words of the command, such as `worker start`
 * @param flag without its dashes
 */
export function flagHere(command: string, flag: string): string | undefined {
  const names = Object.hasOwn(FLAGS, command) ? FLAGS[command]! : {};
  return Object.hasOwn(names, flag) ? `here it is ${names[flag]}` : undefined;
}
