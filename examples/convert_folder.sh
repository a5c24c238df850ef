#!/bin/sh
# Every file of a folder is converted, as many at a time as there are workers; when all are done,
# one archive is made of the results. If a conversion fails for good, the archive is not made.
#
#   convert_folder.sh FOLDER     (here: text files are compressed)
set -eu
cd "$1"

ids=
for file in *.txt; do
  id=$(queuectl enqueue --max-retries 1 --tag convert -- gzip --keep --force -- "$file")
  ids="$ids${ids:+,}$id"
done

name=$(basename "$PWD" | tr -c 'A-Za-z0-9._\n-' _)
queuectl enqueue --id "archive-$name-$(date +%Y%m%dT%H%M%S)" --depends-on "$ids" \
  --command 'tar -cf all.tar -- *.txt.gz'
