/** Examples for `--help`, by the words of the command. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "enqueue": [
    `-- rsync -a photos/ backup/`,
    `--command "make all && make check" --max-retries 5 --delay 10m`,
    `'{"id":"job1","command":"echo hi"}'`,
    `--file jobs.jsonl`,
    `--commands commands.txt --tag batch`,
  ],
  "list": ["--state failed,dead", "--tag nightly --limit 10 --json"],
  "cancel": ["job1 job2", "--tag nightly", "--state pending"],
  "retry": ["job1", "--state failed", "--all"],
  "logs": ["job1 --follow", "job1 --attempt 2 --lines 20"],
  "wait": ["", "job1 job2 --timeout 10m"],
  "worker start": ["--count 4", "-n 2 --drain", "--count 4 --detach"],
  "worker stop": ["", "--wait --timeout 10", "--force"],
  "dlq retry": ["job1", "--all"],
  "config set": ["max_retries 5", "poll-interval 1.5"],
};
