#!/bin/sh
# A backup every night at three, kept for a week. A supervisor must be running at that time:
# see services/ for how to keep one. If the machine was off, it is made up for once.
#
#   nightly_backup.sh SOURCE TARGET
set -eu
source=$(cd "$1" && pwd)
target=$(mkdir -p "$2" && cd "$2" && pwd)

queuectl schedule add nightly-backup --replace \
  --cron "0 3 * * *" --missed once --timeout 2h --max-retries 2 --tag backup \
  --env SOURCE="$source" --env TARGET="$target" \
  --command 'tar -czf "$TARGET/.part" -C "$SOURCE" . &&
    mv "$TARGET/.part" "$TARGET/$(date +%F).tar.gz" &&
    find "$TARGET" -name "*.tar.gz" -mtime +7 -delete'
