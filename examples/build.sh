#!/bin/sh
# A build: steps that may run side by side, then the one that needs them. Runs them all here, with
# a queue of its own, and ends with 0 only if everything was completed.
#
#   build.sh FOLDER     (which has compile.sh, test.sh, lint.sh and package.sh)
set -eu
cd "$1"
QUEUECTL_HOME=$(mktemp -d)
export QUEUECTL_HOME
trap 'rm -rf "$QUEUECTL_HOME"' EXIT

queuectl enqueue --id compile --max-retries 0 --timeout 10m -- sh compile.sh
queuectl enqueue --id test --max-retries 1 --depends-on compile -- sh test.sh
queuectl enqueue --id lint --max-retries 0 -- sh lint.sh
queuectl enqueue --id package --max-retries 0 --depends-on test,lint -- sh package.sh

queuectl worker start --count 2 --drain
queuectl dlq list
queuectl wait compile test lint package --timeout 0
