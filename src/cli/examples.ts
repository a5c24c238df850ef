/** Examples for `--help`, by the words of the command. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "enqueue": [
    `'{"id":"job1","command":"echo hi"}'`,
    `--command "make all" --max-retries 5 --delay 10m`,
    `--file jobs.jsonl`,
    `-- rsync -a photos/ backup/`,
  ],
  "list": ["--state failed,dead", "--tag nightly --limit 10 --json"],
  "logs": ["job1 --follow", "job1 --attempt 2 --lines 20"],
  "wait": ["", "job1 job2 --timeout 10m"],
  "worker start": ["--count 4", "-n 2 --drain", "--count 4 --detach"],
  "worker stop": ["", "--wait --timeout 10", "--force"],
  "dlq retry": ["job1", "--all"],
  "config set": ["max_retries 5", "poll-interval 1.5"],
};
