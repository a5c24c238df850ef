#!/bin/sh
# A job for each row of a spreadsheet (CSV without quoted commas): all of them in one transaction,
# so either every row is in the queue or, if one cannot be, none is.
#
#   spreadsheet.sh ROWS.csv      (columns: name,minutes)
set -eu

tail -n +2 "$1" | while IFS=, read -r name minutes; do
  printf '{"id":"report-%s","command":"echo report for %s over %s minutes","tags":["report"]}\n' \
    "$name" "$name" "$minutes"
done | queuectl enqueue --file - --if-absent --priority -1
